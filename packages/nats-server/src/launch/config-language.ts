/** A value of the configuration: the text itself, or the name of an environment variable that the server reads when it starts. */
export type Secret = string | { readonly env: string };

/** Such a name or path can only be a mistake, and the file would not survive it. */
const unprintable = /\p{Cc}/u;
const variable = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A quoted string of the server's configuration language. Throws on control characters. */
export function quoted(text: string): string {
  if (unprintable.test(text)) throw new TypeError(`control characters cannot be configured: ${JSON.stringify(text)}`);
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** A secret as the server reads it. Throws on a name that no environment variable has. */
export function secret(value: Secret): string {
  if (typeof value === 'string') return quoted(value);
  if (!variable.test(value.env)) throw new TypeError(`${JSON.stringify(value.env)} is not the name of an environment variable`);
  return `$${value.env}`;
}

/** One `name: value`; nothing when there is no value. */
export const line = (name: string, value: string | number | boolean | undefined): string[] =>
  value === undefined ? [] : [`${name}: ${value}`];

/** Milliseconds as whole seconds, at least one. */
export const seconds = (ms: number): string => quoted(`${Math.max(1, Math.round(ms / 1000))}s`);

/** `host:port` as the server reads it: brackets around IPv6, -1 for "choose one". */
export function address(host: string, port: number): string {
  return quoted(`${host.includes(':') ? `[${host}]` : host}:${port === 0 ? -1 : port}`);
}

const indented = (lines: readonly string[]): string[] => lines.map((inner) => `  ${inner}`);

/** `name { … }` over several lines. */
export const block = (name: string, lines: readonly string[]): string[] => [`${name} {`, ...indented(lines), '}'];

/** An unnamed block: an item of a list. */
export const item = (lines: readonly string[]): string[] => ['{', ...indented(lines), '}'];

/** `name: [ … ]`, one item a line. */
export const list = (name: string, items: readonly string[]): string[] => [`${name}: [`, ...indented(items), ']'];
