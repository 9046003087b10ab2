import { describe, expect, it } from 'vitest';
import { type CopySeen, judgeCopy } from './copy.ts';

const DAY_MS = 86_400_000;
const nowMs = 100 * DAY_MS;
const seen = (changes: Partial<CopySeen>): CopySeen => ({
  region: 'eu',
  peer: 'us',
  feed: { ackedSeq: 90, pending: 0 },
  inLog: { firstSeq: 5, firstAtMs: nowMs - DAY_MS, newestSeq: 100 },
  copied: { firstSeq: 5, lastSeq: 100, isFrontRemoved: false },
  keptMs: 14 * DAY_MS,
  ...changes,
});
const told = (changes: Partial<CopySeen>): string[] => judgeCopy(seen(changes), nowMs).map(({ detail }) => detail);

describe('the copy of a log', () => {
  it.each<[string, Partial<CopySeen>]>([
    ['is complete', {}],
    ['has more than the log still has', { copied: { firstSeq: 1, lastSeq: 100, isFrontRemoved: false } }],
    ['had its front removed', { copied: { firstSeq: 60, lastSeq: 100, isFrontRemoved: true } }],
    ['is on its way', { copied: { firstSeq: 5, lastSeq: 95, isFrontRemoved: false } }],
    ['has just begun', { feed: { ackedSeq: 0, pending: 60 }, copied: undefined }],
    ['skipped what stays in the region', { feed: { ackedSeq: 104, pending: 0 } }],
    ['of an empty log', { inLog: undefined, copied: undefined }],
    [
      'lost what expires in a moment',
      {
        inLog: { firstSeq: 5, firstAtMs: nowMs - 14 * DAY_MS, newestSeq: 100 },
        copied: { firstSeq: 7, lastSeq: 100, isFrontRemoved: false },
      },
    ],
  ])('is well when it %s', (_, changes) => {
    expect(told(changes)).toEqual([]);
  });

  it.each<[string, Partial<CopySeen>, RegExp]>([
    ['nothing feeds it', { feed: undefined }, /^us has no consumer that feeds eu$/],
    ['it is empty, and all was sent', { copied: undefined }, /is empty, but it has acknowledged all up to 90: it was made anew/],
    [
      'its beginning is missing',
      { copied: { firstSeq: 60, lastSeq: 100, isFrontRemoved: false } },
      /begins at 60, but the log of us has facts from 5 on/,
    ],
    ['its beginning is missing for ever', { copied: { firstSeq: 60, lastSeq: 100, isFrontRemoved: false }, keptMs: 0 }, /begins at 60/],
    [
      'its end is missing',
      { feed: { ackedSeq: 100, pending: 0 }, copied: { firstSeq: 5, lastSeq: 60, isFrontRemoved: false } },
      /ends at 60, but .* up to 100/,
    ],
  ])('is wrong when %s', (_, changes, expected) => {
    expect(told(changes)).toEqual([expect.stringMatching(expected)]);
  });

  it('says how to make it whole', () => {
    expect(judgeCopy(seen({ copied: undefined }), nowMs)[0]?.remedy).toBe('npx waybill provision --rebuild-peers eu');
  });
});
