import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const NEVER = new Set(['node_modules', '.git', 'dist', '.turbo', '.waybill', '.cache', 'coverage', 'reports']);

/** What git knows or would add; without git (an unpacked archive) everything outside of the folders that are built or fetched. */
export function committedFiles(root: string): string[] {
  try {
    const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
      cwd: root,
      encoding: 'utf8',
      stdio: 'pipe',
    });
    return listed.split('\0').filter((path) => path !== '' && isFile(join(root, path)));
  } catch {
    const all = globSync(['**/*', '**/.*', '.*/**/*'], { cwd: root, exclude: (name) => NEVER.has(name) });
    return all.map((path) => path.replaceAll('\\', '/')).filter((path) => isFile(join(root, path)));
  }
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** The text of a file; empty for a binary one. */
export function textOf(root: string, path: string): string {
  const bytes = readFileSync(join(root, path));
  return bytes.includes(0) ? '' : bytes.toString('utf8');
}
