import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';

/** Larger files are no keys, and some devices never end. */
const LARGEST_KEY_BYTES = 65_536;

const withErrorCode = z.object({ code: z.string() });

/** Whether a `key` says where the secret is, instead of being it. */
const isReference = (key: string): boolean => key.startsWith('env:') || key.startsWith('file:');

/** A secret that was found, a reference that was not looked up, or what is wrong with either. A problem never shows the secret. */
export type FoundKey = { readonly secret: string } | { readonly reference: string } | { readonly problem: string };

/** Checks how a `key` is written, without looking anything up. */
export function readKey(key: string): FoundKey {
  const problem = formProblem(key);
  if (problem !== undefined) return { problem };
  return isReference(key) ? { reference: key } : oneLine(key, 'the key');
}

/**
 * The secret behind a `key`: the text itself, the variable of `env:NAME`, or the trimmed content of `file:PATH` (relative to the working
 * directory). A problem names the reference and what to do, and never the secret.
 */
export function resolveKey(key: string, env: NodeJS.ProcessEnv): { readonly secret: string } | { readonly problem: string } {
  const problem = formProblem(key);
  if (problem !== undefined) return { problem };
  if (key.startsWith('env:')) return fromVariable(key.slice('env:'.length), env);
  return key.startsWith('file:') ? fromFile(key.slice('file:'.length)) : oneLine(key, 'the key');
}

function formProblem(key: string): string | undefined {
  if (key === 'file:') return 'file: is not followed by a path; write file:PATH';
  const isBadName = key.startsWith('env:') && !/^env:[A-Za-z_][A-Za-z0-9_]*$/.test(key);
  return isBadName ? 'env: is not followed by the name of a variable; write env:NAME' : undefined;
}

function fromVariable(name: string, env: NodeJS.ProcessEnv): ReturnType<typeof resolveKey> {
  const secret = env[name]?.trim() ?? '';
  return secret === ''
    ? { problem: `the variable ${name} is not set; set it, or refer to another one` }
    : oneLine(secret, `the variable ${name}`);
}

function fromFile(path: string): ReturnType<typeof resolveKey> {
  try {
    const found = statSync(path);
    if (!found.isFile()) return { problem: `${path} is not a file; name a file that holds the key and nothing else` };
    if (found.size > LARGEST_KEY_BYTES)
      return { problem: `${path} is too large for a key; name a file that holds the key and nothing else` };
    const secret = readFileSync(path, 'utf8').trim();
    return secret === '' ? { problem: `the file ${path} is empty; write the key into it` } : oneLine(secret, `the file ${path}`);
  } catch (error) {
    const code = withErrorCode.safeParse(error).data?.code ?? 'unknown error';
    return { problem: `the file ${path} cannot be read (${code}); create it, or let this user read it` };
  }
}

const oneLine = (secret: string, holder: string): ReturnType<typeof resolveKey> =>
  /[\r\n]/.test(secret) ? { problem: `${holder} has several lines; a key is one line: user:password, or a token` } : { secret };
