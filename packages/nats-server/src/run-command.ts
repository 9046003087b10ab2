import { execFile, type ExecFileException } from 'node:child_process';

/** How a command is run: bounded in time, with its whole environment given. */
export interface CommandOptions {
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly cwd?: string;
}

export type CommandOutcome = { readonly kind: 'ok'; readonly output: string } | { readonly kind: 'failed'; readonly reason: string };

const outputLimitBytes = 4 * 1024 * 1024;

/** The last lines of an output on one line, short enough for a reason. */
export function lastWords(output: string, lines = 3, maxChars = 400): string {
  const told = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return told.slice(-lines).join(' | ').slice(-maxChars);
}

function failure(command: string, error: ExecFileException, output: string, options: CommandOptions): string {
  if (options.signal.aborted) return `${command} was cancelled`;
  if (error.killed === true) return `${command} took longer than ${options.timeoutMs / 1000} s`;
  if (typeof error.code === 'string') return `${command} could not be run (${error.code})`;
  const words = lastWords(output);
  return `${command} ended with ${error.signal ?? `code ${error.code}`}${words === '' ? '' : `: ${words}`}`;
}

/**
 * Runs a program to its end and returns its output, standard output first. Never rejects.
 * The program stays in our process group, so that Ctrl-C in a terminal reaches it too; past its time it is killed.
 */
export function runCommand(file: string, args: readonly string[], options: CommandOptions): Promise<CommandOutcome> {
  const command = [file, args[0] ?? ''].join(' ').trim();
  const { timeoutMs, env, signal, cwd } = options;
  const settings = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: outputLimitBytes, windowsHide: true, env, signal, cwd } as const;
  return new Promise((resolve) => {
    execFile(file, args, settings, (error, stdout, stderr) => {
      const output = `${stdout}\n${stderr}`;
      resolve(error === null ? { kind: 'ok', output } : { kind: 'failed', reason: failure(command, error, output, options) });
    });
  });
}
