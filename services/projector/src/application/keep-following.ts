/** How a projection is doing. `seq` is its checkpoint. */
export interface ProjectionState {
  readonly ok: boolean;
  readonly detail?: string;
  readonly seq?: number;
}
export type Report = (state: ProjectionState) => void;

/** An error that starting again cannot help, such as a store that was deleted under us. */
export class FatalError extends Error {
  override readonly name = 'FatalError';
}

/**
 * Runs `follow` again whenever it ends or fails, until `signal` aborts, with `pause` in between. What it fails of is reported, so that waiting
 * for a database or for NATS shows. A FatalError is thrown on.
 */
export async function keepFollowing(
  follow: (signal: AbortSignal) => Promise<void>,
  report: Report,
  pause: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await follow(signal);
    } catch (error) {
      if (error instanceof FatalError) throw error;
      report({ ok: false, detail: `waiting: ${reasonOf(error)}` });
    }
    await pause(signal);
  }
}

/** Some errors have an empty message and say everything in their code: a refused connection, for one. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return error.message || code || error.name;
}
