import { spawn } from 'node:child_process';

/** Settings for every tool a gate starts: no telemetry, no look for newer versions. */
const QUIET = { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' };

/** Runs a shell command in `root` with its output passed through. Resolves to the exit code; 1 when a signal ended it. */
export function runCommand(root: string, command: string): Promise<number> {
  const child = spawn(command, { cwd: root, shell: true, stdio: 'inherit', env: { ...process.env, ...QUIET } });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
