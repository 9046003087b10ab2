/**
 * Payloads travel as the bytes that came in. Parsing and writing them again would change numbers (1.0 becomes 1, long integers lose digits),
 * so a message is built by putting the raw bytes behind the head's JSON, and taken apart by their place.
 */

const DATA_MEMBER = Buffer.from(',"data":');
const CLOSE = Buffer.from('}');

/** Writes `{...head, "data": <raw>}`. `head` must have at least one member and none named `data`; `raw` must be one JSON value. */
export function joinRawData(head: object, raw: Uint8Array): Buffer {
  const text = JSON.stringify(head);
  return Buffer.concat([Buffer.from(text.slice(0, -1)), DATA_MEMBER, raw, CLOSE]);
}

/** A message split in its parsed head and the untouched bytes of its last member, `data`. */
export interface RawData {
  readonly head: unknown;
  readonly data: Buffer;
}

/**
 * Splits what `joinRawData` wrote. A quote inside a JSON string is escaped, so the first `,"data":` is the member itself.
 * Throws a SyntaxError when the head is not JSON or `data` is missing.
 */
export function splitRawData(message: Uint8Array): RawData {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  const at = bytes.indexOf(DATA_MEMBER);
  if (at < 0) throw new SyntaxError('the message has no "data" member');
  const head: unknown = JSON.parse(`${bytes.toString('utf8', 0, at)}}`);
  return { head, data: bytes.subarray(at + DATA_MEMBER.length, bytes.length - 1) };
}
