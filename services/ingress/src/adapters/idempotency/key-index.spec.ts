import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isWaybillError } from '@waybill/contracts';
import { createLogger } from '@waybill/runtime';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { KeyEntry } from '../../application/keyed-events.ts';
import { KeyIndex } from './key-index.ts';
import type { KeyLog } from './key-log.ts';

const TTL_MS = 100_000;
const log = createLogger({ service: 'test', region: 'test', level: 'silent' });

let folder: string;
let nowMs: number;
let stored: KeyEntry[];
let streamName: string;
let isAway: boolean;
let reads: number;
let index: KeyIndex;

const keyLog: KeyLog = {
  name: 'LOG',
  end: async () => {
    if (isAway) throw new Error('away');
    return { stream: streamName, seq: stored.length, atMs: 0 };
  },
  read: async (from, visit) => {
    reads += 1;
    for (const entry of stored) if ('seq' in from ? entry.seq >= from.seq : entry.atMs >= from.timeMs) visit(entry.seq, entry.atMs, entry);
  },
};

const keyOf = (n: number): string => n.toString(16).padStart(32, '0');
const store = (n: number): KeyEntry => {
  const entry = { key: keyOf(n), seq: stored.length + 1, bodyHash: keyOf(n + 1), atMs: nowMs };
  stored.push(entry);
  return entry;
};
const file = (): string => join(folder, 'ingress', 'idempotency.sqlite');
const open = (): KeyIndex => new KeyIndex(keyLog, { file: file(), ttlMs: TTL_MS, log, nowMs: () => nowMs });
async function reopen(): Promise<void> {
  await index.close();
  index = open();
  await index.read();
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-keys-'));
  nowMs = 1_800_000_000_000;
  stored = [];
  streamName = 'one';
  isAway = false;
  reads = 0;
  index = open();
});
afterEach(async () => {
  await index.close();
  rmSync(folder, { recursive: true });
});

it('answers nothing before it has read the LOG once', async () => {
  isAway = true;
  await index.read();
  expect(() => index.find(keyOf(1))).toThrow('being brought up to date');
  try {
    index.find(keyOf(1));
  } catch (error) {
    expect(isWaybillError(error) && error.code).toBe('WB_NOT_READY');
  }
  expect(index.state()).toEqual({ ok: false, detail: 'away' });
  expect(index.findAsFarAsRead(keyOf(1))).toBeUndefined();
  isAway = false;
  await index.read();
  expect(index.state()).toEqual({ ok: true });
  expect(index.find(keyOf(1))).toBeUndefined();
});

it('finds what the LOG holds, and what was remembered before it was read', async () => {
  const first = store(1);
  await index.read();
  expect(index.find(first.key)).toEqual(first);
  const second = store(2);
  index.remember(second);
  expect(index.find(second.key)).toEqual(second);
  await index.read();
  expect(index.find(second.key)).toEqual(second);
});

it('reads only what is new, also after a restart', async () => {
  const entries = Array.from({ length: 600 }, (_, n) => store(n));
  await index.read();
  await index.read();
  expect(reads).toBe(1);
  await reopen();
  expect(reads).toBe(1);
  for (const entry of entries) expect(index.find(entry.key)).toEqual(entry);
});

it('keeps the later of two events of one key', async () => {
  store(1);
  await index.read();
  nowMs += TTL_MS;
  const later = store(1);
  await index.read();
  expect(index.find(later.key)).toEqual(later);
});

it('forgets what has expired', async () => {
  for (let n = 0; n < 1200; n += 1) store(n);
  await index.read();
  nowMs += TTL_MS + 1;
  const fresh = store(5000);
  await index.read();
  expect(index.find(keyOf(0))).toBeUndefined();
  expect(index.find(keyOf(1199))).toBeUndefined();
  expect(index.find(fresh.key)).toEqual(fresh);
});

it('is rebuilt when the file is lost', async () => {
  const entry = store(1);
  await index.read();
  await index.close();
  rmSync(file());
  index = open();
  await index.read();
  expect(index.find(entry.key)).toEqual(entry);
});

it('is rebuilt when the file is damaged', async () => {
  const entry = store(1);
  await index.read();
  await index.close();
  writeFileSync(file(), 'this is no database, but it is long enough to look like one '.repeat(100));
  index = open();
  await index.read();
  expect(index.find(entry.key)).toEqual(entry);
});

it('starts anew when the LOG is another one', async () => {
  const old = store(1);
  await index.read();
  stored = [];
  streamName = 'two';
  const fresh = store(2);
  await index.read();
  expect(index.find(old.key)).toBeUndefined();
  expect(index.find(fresh.key)).toEqual(fresh);
});

it('says when it lags, and stops saying so when it has caught up', async () => {
  await index.read();
  isAway = true;
  nowMs += 30_001;
  await index.read();
  expect(index.state()).toEqual({ ok: false, detail: '30 s behind LOG: away' });
  isAway = false;
  await index.read();
  expect(index.state()).toEqual({ ok: true });
});

it('refuses to share its file', async () => {
  await index.read();
  expect(statSync(file()).size).toBeGreaterThan(0);
  expect(() => open()).toThrow(/another process uses/);
});
