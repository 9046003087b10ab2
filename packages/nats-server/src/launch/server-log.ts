import { open, rename, stat } from 'node:fs/promises';

const rotateAtBytes = 10 * 1024 * 1024;
const tailBytes = 8 * 1024;

const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );

/** What one run of a server writes: the file, and where in it this run begins. */
export interface ServerLog {
  readonly file: string;
  readonly fd: number;
  /** The last lines of this run, at most `lines`. */
  tail(lines: number): Promise<string[]>;
  close(): Promise<void>;
}

/** Opens the log for appending; one that has grown beyond 10 MiB is first set aside as `<file>.1`. */
export async function openServerLog(file: string): Promise<ServerLog> {
  if ((await sizeOf(file)) > rotateAtBytes) await rename(file, `${file}.1`);
  const start = await sizeOf(file);
  const handle = await open(file, 'a', 0o600);
  const tail = async (lines: number): Promise<string[]> =>
    (await readFrom(file, start))
      .split('\n')
      .filter((text) => text.trim() !== '')
      .slice(-lines);
  return { file, fd: handle.fd, tail, close: () => handle.close() };
}

async function readFrom(file: string, start: number): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const from = Math.max(start, size - tailBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.max(1, size - from)), { position: from });
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
