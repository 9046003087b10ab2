import { isUtf8 } from 'node:buffer';
import { WaybillError } from '@waybill/contracts';
import { duplicateKeyOf } from './duplicate-key.ts';
import { malformedAt } from './malformed-at.ts';
import { type ByteRange, MAX_JSON_DEPTH, scanJson } from './scan-json.ts';

/** A body that was found to be one JSON value, and where the top-level member asked for lies in it. */
export interface Payload {
  readonly value: unknown;
  readonly range: ByteRange | undefined;
}

/** Members of all objects in a parsed value. Recursion is bounded: the scan has limited the depth. */
function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const children: unknown[] = Array.isArray(value) ? value : Object.values(value);
  let members = Array.isArray(value) ? 0 : children.length;
  for (const child of children) if (typeof child === 'object') members += membersOf(child);
  return members;
}

function parse(bytes: Buffer): unknown {
  const text = bytes.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    // The message of the engine quotes the body, and does not always say where: look for the place ourselves.
    const at = malformedAt(text);
    throw new WaybillError('WB_MALFORMED_JSON', `the JSON is broken at character ${at}`, { extra: { position: at } });
  }
}

/**
 * Parses a raw body strictly: UTF-8, at most 64 levels, no key twice in one object (at any depth).
 * A repeated key is seen by counting: the parsed value then has fewer members than the text has colons outside strings.
 * Throws WB_MALFORMED_JSON (with `position`), WB_JSON_TOO_DEEP, WB_DUPLICATE_KEY.
 */
export function parsePayload(bytes: Buffer, member?: string): Payload {
  if (bytes.length === 0) throw new WaybillError('WB_MALFORMED_JSON', 'the body is empty', { extra: { position: 0 } });
  if (!isUtf8(bytes)) throw new WaybillError('WB_MALFORMED_JSON', 'the body is not valid UTF-8');
  const scan = scanJson(bytes, member);
  if (scan.maxDepth > MAX_JSON_DEPTH) {
    throw new WaybillError('WB_JSON_TOO_DEEP', `the body is nested ${scan.maxDepth} levels deep; ${MAX_JSON_DEPTH} are allowed`);
  }
  const value = parse(bytes);
  if (membersOf(value) !== scan.members) {
    throw new WaybillError('WB_DUPLICATE_KEY', `the key ${JSON.stringify(duplicateKeyOf(bytes))} occurs twice in one object`);
  }
  return { value, range: scan.range };
}
