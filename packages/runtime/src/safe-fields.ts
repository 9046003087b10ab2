const CUT = '[cut]';
/** Names of fields and headers whose values are secrets, without case and separators. */
const SECRETS = new Set([
  'authorization',
  'cookie',
  'key',
  'password',
  'privatekey',
  'proxyauthorization',
  'secret',
  'secrets',
  'setcookie',
  'signature',
  'token',
  'xapikey',
]);
const MAX_DEPTH = 5;
const MAX_CAUSES = 4;

/** Fields of a line without what may be secret: by its name, in whatever depth; of errors, only what they say themselves. The same object when nothing is cut. */
export function safeFields(fields: Readonly<Record<string, unknown>>, depth = 1): Record<string, unknown> {
  const safe: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) safe[name] = isSecret(name) ? CUT : safeValue(value, depth);
  return safe;
}

/** Logins in addresses and bearer tokens, wherever they stand in a line. */
export const withoutCredentials = (line: string): string => line.replace(LOGIN, `$1${CUT}@`).replace(BEARER, `$1${CUT}`);
const LOGIN = /(:\/\/)[^\s/@"\\]+@/g;
const BEARER = /(\bBearer +)[^\s"\\]+/gi;

const SHORT = 20;
const isSecret = (name: string): boolean => name.length < SHORT && SECRETS.has(name.toLowerCase().replace(/[-_]/g, ''));

function safeValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return safeError(value, 0);
  if (depth === MAX_DEPTH) return CUT;
  if (Array.isArray(value)) return value.map((each: unknown) => safeValue(each, depth + 1));
  return 'toJSON' in value ? value : safeFields({ ...value }, depth + 1);
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
