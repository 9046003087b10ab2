import { readFileSync, statSync } from 'node:fs';
import { text } from 'node:stream/consumers';

/** Reads the text of a file that a person named, or of stdin for `-`. Throws with what to do when it cannot be read. */
export async function readInput(path: string): Promise<string> {
  if (path === '-') return text(process.stdin);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new Error(`there is no file ${path}; name one, or - for stdin`);
  if (found.isDirectory()) throw new Error(`${path} is a folder; name the file in it`);
  return readFileSync(path, 'utf8');
}
