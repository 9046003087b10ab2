import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { z } from 'zod';
import type { KeyEntry } from '../../application/keyed-events.ts';

/** How far the stream was read into the file. `stream` tells one from another of the same name that was made later. */
export interface Checkpoint {
  readonly stream: string;
  readonly seq: number;
  readonly atMs: number;
}

// Exclusive locking: two processes on one file would each believe in their own checkpoint, and it spares the shared-memory file.
// The file can be made anew from the stream, so losing the last commits with the machine's power is fine: synchronous NORMAL.
const SETTINGS = `
  PRAGMA busy_timeout = 1000;
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
`;
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS keys (key BLOB PRIMARY KEY, at INTEGER NOT NULL, seq INTEGER NOT NULL, body_hash BLOB NOT NULL) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS keys_at ON keys (at);
  CREATE TABLE IF NOT EXISTS checkpoint (id INTEGER PRIMARY KEY CHECK (id = 1), stream TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL);
`;

const bytes = z.instanceof(Uint8Array).transform((blob) => Buffer.from(blob).toString('hex'));
const keyRow = z.object({ at: z.number(), seq: z.number(), body_hash: bytes });
const checkpointRow = z.object({ stream: z.string(), seq: z.number(), at: z.number() });

const statements = (db: DatabaseSync) =>
  ({
    find: db.prepare('SELECT at, seq, body_hash FROM keys WHERE key = ?'),
    put: db.prepare(
      'INSERT INTO keys (key, at, seq, body_hash) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET at = excluded.at, seq = excluded.seq, body_hash = excluded.body_hash WHERE excluded.seq > keys.seq',
    ),
    expire: db.prepare('DELETE FROM keys WHERE key IN (SELECT key FROM keys WHERE at < ? ORDER BY at LIMIT ?)'),
    readCheckpoint: db.prepare('SELECT stream, seq, at FROM checkpoint WHERE id = 1'),
    writeCheckpoint: db.prepare(
      'INSERT INTO checkpoint (id, stream, seq, at) VALUES (1, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET stream = excluded.stream, seq = excluded.seq, at = excluded.at',
    ),
  }) satisfies Record<string, StatementSync>;

/** Idempotency keys in a SQLite file: about 60 bytes a key. Every call is synchronous and throws what SQLite throws. */
export class KeyStore {
  readonly #db: DatabaseSync;
  readonly #sql: ReturnType<typeof statements>;

  private constructor(db: DatabaseSync) {
    this.#db = db;
    db.exec(SETTINGS + SCHEMA);
    this.#sql = statements(db);
  }

  /** Opens the file, or makes it. Throws when it is damaged or used by another process. */
  static open(file: string): KeyStore {
    mkdirSync(dirname(file), { recursive: true });
    const db = new DatabaseSync(file);
    try {
      return new KeyStore(db);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** Removes the file, so that `open` makes it anew. */
  static remove(file: string): void {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true });
  }

  find(key: string): KeyEntry | undefined {
    const row = this.#sql.find.get(Buffer.from(key, 'hex'));
    if (row === undefined) return undefined;
    const { at, seq, body_hash: bodyHash } = keyRow.parse(row);
    return { key, seq, bodyHash, atMs: at };
  }

  /** Writes entries and how far they go, together or not at all. Of two entries of one key, the later in the stream stays. */
  write(entries: Iterable<KeyEntry>, checkpoint: Checkpoint): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      for (const { key, atMs, seq, bodyHash } of entries)
        this.#sql.put.run(Buffer.from(key, 'hex'), atMs, seq, Buffer.from(bodyHash, 'hex'));
      this.#sql.writeCheckpoint.run(checkpoint.stream, checkpoint.seq, checkpoint.atMs);
      this.#db.exec('COMMIT');
    } catch (error) {
      // A full disk has rolled back already.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  checkpoint(): Checkpoint | undefined {
    const row = this.#sql.readCheckpoint.get();
    if (row === undefined) return undefined;
    const { stream, seq, at } = checkpointRow.parse(row);
    return { stream, seq, atMs: at };
  }

  /** Deletes at most `limit` keys that are older; returns how many. */
  expireBefore(atMs: number, limit: number): number {
    return Number(this.#sql.expire.run(atMs, limit).changes);
  }

  close(): void {
    this.#db.close();
  }
}
