const CUT = '[cut]';
/** Names of fields and headers whose values are secrets, however they are spelled: `key` alone or what kind of key it is, but no `keys`, which are counted. */
const SECRET =
  /(?:^key|(?:api|private|shared|signing|session|access|encryption)[-_]?key|secrets?|tokens?|passw(?:or)?d|passphrase|credentials?|authorization|cookie|signature(?:[-_]?256)?|jwt)$/i;
const MAX_DEPTH = 5;
const MAX_CAUSES = 4;

/** Fields of a line without what may be secret: by its name, in whatever depth; of errors, only what they say themselves; of bytes, nothing. */
export function safeFields(fields: Readonly<Record<string, unknown>>, depth = 1): Record<string, unknown> {
  const safe: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) safe[name] = isSecret(name) ? CUT : safeValue(value, depth);
  return safe;
}

/** Logins in addresses, and what says by its beginning that it is a credential, wherever they stand in a line. */
export const withoutCredentials = (line: string): string =>
  line.replace(LOGIN, `$1${CUT}@`).replace(SCHEME, `$1${CUT}`).replace(MARKED, `$1${CUT}`);
/** Up to the last @, for a password may hold one. */
const LOGIN = /(:\/\/)[^\s/"\\]+@/g;
const SCHEME = /(\b(?:[bB]earer|BEARER|Basic) +)[^\s"\\]+/g;
/** Secrets of Standard Webhooks and tokens of GitHub. */
const MARKED = /\b(whsec_|gh[oprsu]_|github_pat_)[\w+/=-]+/g;

const MOST_NAMES = 1_000;
/** Lines have few names, and each is judged once. */
const judged = new Map<string, boolean>();

function isSecret(name: string): boolean {
  const known = judged.get(name);
  if (known !== undefined) return known;
  const is = SECRET.test(name);
  if (judged.size < MOST_NAMES) judged.set(name, is);
  return is;
}

/** What cannot be read, as behind a getter that throws, is cut: who writes a line must not fail for it. */
function safeValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  try {
    if (value instanceof Error) return safeError(value, 0);
    if (depth === MAX_DEPTH || ArrayBuffer.isView(value)) return CUT;
    if (Array.isArray(value)) return value.map((each: unknown) => safeValue(each, depth + 1));
    if (!('toJSON' in value)) return safeFields({ ...value }, depth + 1);
    const told: unknown = JSON.parse(JSON.stringify(value));
    return safeValue(told, depth + 1);
  } catch {
    return CUT;
  }
}

/** Errors of clients carry requests and options along, with headers and keys in them. */
function safeError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? { code: String(error.code) } : {};
  const because = cause instanceof Error && depth < MAX_CAUSES ? { cause: safeError(cause, depth + 1) } : {};
  const all: unknown = error instanceof AggregateError ? error.errors : [];
  const errors = Array.isArray(all) ? all.filter((each) => each instanceof Error).slice(0, MAX_CAUSES) : [];
  const several = errors.length > 0 && depth < MAX_CAUSES ? { errors: errors.map((each) => safeError(each, depth + 1)) } : {};
  return { type: name, message, stack, ...code, ...because, ...several };
}
