/** JetStream's codes for a stream, a consumer and a message that are not there. */
const MISSING = new Set([10_059, 10_014, 10_037]);

/** The answer, or undefined when what was asked for is not there. */
export async function orNothing<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof Error && 'code' in error && MISSING.has(Number(error.code))) return undefined;
    throw error;
  }
}
