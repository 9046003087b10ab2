import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

/** Characters of an event id: prefix and 26 of base32. */
export const ID_BYTES = 30;
const RECORD_BYTES = 48;
const RECORDS_PER_CHUNK = 16_384;
const TAG_AT = 30;
const FIRST_AT = 32;
const SECOND_AT = 40;

/** One event id with a small number and two times. What they mean is the writer's business. */
export interface LogRecord {
  readonly id: string;
  /** 0 to 65535. */
  readonly tag: number;
  readonly first: number;
  readonly second: number;
}

/** Millions of records in 48 bytes each, outside of the heap: what measures must not be stopped by its own garbage. */
export class RecordLog {
  readonly #chunks: Buffer[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Appends a record. Throws when the id has not the length of an event id. */
  add({ id, tag, first, second }: LogRecord): void {
    if (id.length !== ID_BYTES) throw new RangeError(`"${id}" is not an event id`);
    const at = (this.#count % RECORDS_PER_CHUNK) * RECORD_BYTES;
    if (at === 0) this.#chunks.push(Buffer.alloc(RECORDS_PER_CHUNK * RECORD_BYTES));
    const chunk = this.#chunks.at(-1);
    chunk?.write(id, at, ID_BYTES, 'latin1');
    chunk?.writeUInt16LE(tag, at + TAG_AT);
    chunk?.writeDoubleLE(first, at + FIRST_AT);
    chunk?.writeDoubleLE(second, at + SECOND_AT);
    this.#count += 1;
  }

  /** Writes all records to a file, replacing what was there. */
  save(file: string): void {
    const descriptor = openSync(file, 'w');
    let left = this.#count * RECORD_BYTES;
    for (const chunk of this.#chunks) {
      writeSync(descriptor, chunk, 0, Math.min(left, chunk.length));
      left -= chunk.length;
    }
    closeSync(descriptor);
  }
}

/** Reads the records of a saved log, one at a time. */
export function* readRecords(file: string): Generator<LogRecord> {
  const bytes = readFileSync(file);
  for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
    yield {
      id: bytes.toString('latin1', at, at + ID_BYTES),
      tag: bytes.readUInt16LE(at + TAG_AT),
      first: bytes.readDoubleLE(at + FIRST_AT),
      second: bytes.readDoubleLE(at + SECOND_AT),
    };
  }
}
