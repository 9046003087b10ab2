import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { dataPaths } from './layout.ts';

const requestSchema = z.object({ request: z.string(), region: z.string() });
/** What somebody asks of a running stack. */
export type JoinRequest = z.infer<typeof requestSchema>;

const progressSchema = z.object({
  ...requestSchema.shape,
  /** The supervisor that does it. */
  pid: z.int(),
  lines: z.array(z.string()),
  outcome: z.enum(['running', 'done', 'failed']),
});
/** How far a request is; when it failed, the last line says why. */
export type JoinProgress = z.infer<typeof progressSchema>;

/** Asks the stack on a data folder for a region; its supervisor looks when it gets SIGUSR2. */
export function writeJoinRequest(dataDir: string, region: string): JoinRequest {
  const request = { request: randomUUID(), region };
  writeWhole(dataPaths(dataDir).joinRequest, request);
  return request;
}

/** How far the last request is that a supervisor has begun; undefined when none ever was. */
export const readJoinProgress = (dataDir: string): JoinProgress | undefined => read(dataPaths(dataDir).joinProgress, progressSchema);

/**
 * Does what the present request asks for, and keeps writing down how far it is. Requests that are not there or cannot be read change nothing. Never
 * throws.
 */
export async function serveJoinRequest(
  dataDir: string,
  join: (region: string, tell: (line: string) => void) => Promise<void>,
  tell: (line: string) => void,
): Promise<void> {
  const asked = read(dataPaths(dataDir).joinRequest, requestSchema);
  if (asked === undefined) return;
  const lines: string[] = [];
  const write = (outcome: JoinProgress['outcome'], line: string): void => {
    lines.push(line);
    tell(`${asked.region} joins: ${line}`);
    writeWhole(dataPaths(dataDir).joinProgress, { ...asked, pid: process.pid, lines, outcome });
  };
  try {
    write('running', 'asked for');
    await join(asked.region, (line) => write('running', line));
    write('done', `${asked.region} has joined`);
  } catch (error) {
    write('failed', inWords(error));
  }
}

function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}; because: ${error.cause.message}` : error.message;
}

function writeWhole(path: string, value: object): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(value), { mode: 0o600 });
  renameSync(draft, path);
}

function read<T>(path: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}
