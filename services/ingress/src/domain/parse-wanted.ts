import type { Payload } from './parse-payload.ts';
import { parsePayload } from './parse-payload.ts';

/** What of a body somebody has to know: where a top-level member lies, and a few values. */
export interface Wanted {
  /** The member whose place is asked for; it is `null` in the value. All other top-level members are there, as far as they are no objects and arrays. */
  readonly member?: string | undefined;
  /** Dotted paths of values that are there, when no member is asked for. */
  readonly paths?: readonly string[] | undefined;
}

/** Far more than any request has; whoever sends more is told of the first ones. */
const MAX_MEMBERS = 1_000;

/**
 * Parses a raw body as `parsePayload` does and keeps of its value what is wanted, so that a large one need not be handed from thread to thread.
 * Throws WB_MALFORMED_JSON, WB_JSON_TOO_DEEP, WB_DUPLICATE_KEY.
 */
export function parseWanted(bytes: Buffer, { member, paths = [] }: Wanted): Payload {
  const { value, range } = parsePayload(bytes, member);
  return { value: member === undefined ? atPaths(value, paths) : shallow(value, member), range };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

function shallow(value: unknown, member: string): unknown {
  if (!isObject(value)) return emptied(value);
  const members = Object.entries(value).slice(0, MAX_MEMBERS);
  return Object.fromEntries(members.map(([name, one]) => [name, name === member ? null : emptied(one)]));
}

/** Keeps the type and no more of what can be large. */
function emptied(value: unknown): unknown {
  if (Array.isArray(value)) return [];
  return isObject(value) ? {} : value;
}

function atPaths(value: unknown, paths: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const kept = {};
  for (const path of paths) copyPath(value, kept, path.split('.'));
  return kept;
}

/** Elements of arrays become members with numbers for names: a path finds them all the same. */
function copyPath(from: object, to: object, [name, ...rest]: readonly string[]): void {
  if (name === undefined || !Object.hasOwn(from, name)) return;
  const value: unknown = Reflect.get(from, name);
  const isInner = typeof value === 'object' && value !== null;
  const present: unknown = Object.hasOwn(to, name) ? Reflect.get(to, name) : undefined;
  const copy = isInner ? (isObject(present) ? present : {}) : value;
  Object.defineProperty(to, name, { value: copy, enumerable: true, configurable: true, writable: true });
  if (isInner && isObject(copy)) copyPath(value, copy, rest);
}
