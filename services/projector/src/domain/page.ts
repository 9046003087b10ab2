import { WaybillError } from '@waybill/contracts';
import { z } from 'zod';

/** One page of a list, newest first. `done`: nothing older comes after it. */
export interface Page<Item> {
  readonly data: readonly Item[];
  readonly done: boolean;
  /** Goes on with what is older. */
  readonly iterator: string | null;
  /** Goes back to what is newer. */
  readonly prevIterator: string | null;
}

/** The values by which a list is sorted, of one row. */
export type Key = readonly (string | number)[];

/** A place in a list, and which way to read from it. */
export interface Mark {
  readonly direction: 'older' | 'newer';
  readonly key: Key;
}

const markSchema = z.tuple([
  z.enum(['o', 'n']),
  z
    .array(z.union([z.string().max(256), z.number()]))
    .min(1)
    .max(5),
]);

/** Writes a mark as the opaque text that callers send back. */
export function encodeMark({ direction, key }: Mark): string {
  return Buffer.from(JSON.stringify([direction === 'older' ? 'o' : 'n', key])).toString('base64url');
}

/** Reads an iterator. `like` is a key of the same list: an iterator of another list is refused. Throws WB_SCHEMA_VIOLATION. */
export function decodeMark(iterator: string, like: Key): Mark {
  const parsed = markSchema.safeParse(jsonOf(iterator));
  if (!parsed.success || !hasShapeOf(parsed.data[1], like)) {
    const message = 'not an iterator of this list: use the one that a page of it gave, with the same filters';
    throw new WaybillError('WB_SCHEMA_VIOLATION', `iterator: ${message}`, { extra: { errors: [{ path: 'iterator', message }] } });
  }
  return { direction: parsed.data[0] === 'o' ? 'older' : 'newer', key: parsed.data[1] };
}

function jsonOf(iterator: string): unknown {
  try {
    return JSON.parse(Buffer.from(iterator, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

const hasShapeOf = (key: Key, like: Key): boolean =>
  key.length === like.length && key.every((value, at) => typeof value === typeof like[at]);
