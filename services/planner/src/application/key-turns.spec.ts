import type { Handled } from '@waybill/transport';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyTurns } from './key-turns.ts';

const DONE: Handled = { kind: 'done' };
const GIVEN_BACK: Handled = { kind: 'again', delayMs: 10 };

interface Event {
  readonly key: string;
  /** What comes of each try, and how many turns of the event loop it takes. */
  readonly tries: readonly { readonly gives: 'again' | 'throws'; readonly takes: number }[];
  readonly takes: number;
}
const event = fc.record({
  key: fc.constantFrom('a', 'b', 'c'),
  tries: fc.array(fc.record({ gives: fc.constantFrom('again' as const, 'throws' as const), takes: fc.nat(4) }), { maxLength: 2 }),
  takes: fc.nat(6),
});
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const turns = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n += 1) await turn();
};

/** Hands the events out, given back ones again in any order, until all are done or the process dies. Resolves with those that are done. */
async function work(events: ReadonlyMap<number, Event>, wanted: ReadonlySet<number>, process: { keys: KeyTurns; diesAfter: number }) {
  const planned: number[] = [];
  const tries = new Map<number, number>();
  let left = [...wanted];
  for (let round = 0; left.length > 0 && round < 200 && planned.length < process.diesAfter; round += 1) {
    const ends = left.map(async (seq) => {
      const { key, tries: given, takes } = events.get(seq) ?? { key: '', tries: [], takes: 0 };
      const handled = await process.keys
        .inTurn(key, seq, async () => {
          const nth = tries.get(seq) ?? 0;
          tries.set(seq, nth + 1);
          const bad = given[nth];
          await turns(bad?.takes ?? takes);
          if (bad?.gives === 'throws') throw new Error('NATS is away');
          if (bad !== undefined) return GIVEN_BACK;
          if (planned.length < process.diesAfter) planned.push(seq);
          return DONE;
        })
        .catch(() => GIVEN_BACK);
      return handled.kind === 'done' ? undefined : seq;
    });
    const again = (await Promise.all(ends)).filter((seq) => seq !== undefined);
    // What was given back comes in another order than before.
    left = round % 2 === 0 ? again.toReversed() : again;
  }
  return planned;
}

describe('events with an ordering key', () => {
  it('are planned in order for each key, whatever is given back, and across a restart', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 20 }), fc.nat(20), async (list, diesAfter) => {
        const events = new Map(list.map((one, at) => [at + 1, one]));
        const all = new Set(events.keys());
        const before = await work(events, all, { keys: new KeyTurns(), diesAfter });
        const rest = new Set([...all].filter((seq) => !before.includes(seq)));
        const keys = new KeyTurns();
        for (const seq of rest) keys.expect(events.get(seq)?.key ?? '', seq);
        // What was handed out before comes last.
        const after = await work(events, new Set([...rest].toReversed()), { keys, diesAfter: Number.POSITIVE_INFINITY });
        for (const key of ['a', 'b', 'c']) {
          const order = [...before, ...after].filter((seq) => events.get(seq)?.key === key);
          expect(order).toEqual(order.toSorted((a, b) => a - b));
        }
        expect(before.length + after.length).toBe(list.length);
      }),
      { numRuns: 100 },
    );
  });

  it('are held up by one that is given back, those of other keys are not', async () => {
    const keys = new KeyTurns();
    const first = keys.inTurn('a', 1, async () => GIVEN_BACK);
    const [second, other] = [keys.inTurn('a', 2, async () => DONE), keys.inTurn('b', 3, async () => DONE)];
    expect([(await first).kind, (await second).kind, (await other).kind]).toEqual(['again', 'again', 'done']);
  });

  it('go on when the one before them is set aside', async () => {
    const keys = new KeyTurns();
    await keys.inTurn('a', 1, async () => Promise.reject(new Error('broken'))).catch(() => undefined);
    expect((await keys.inTurn('a', 2, async () => DONE)).kind).toBe('again');
    keys.end(1);
    expect((await keys.inTurn('a', 2, async () => DONE)).kind).toBe('done');
  });

  it('wait until it is known what was handed out before them and lost with the connection', async () => {
    const known = Promise.withResolvers<void>();
    const keys = new KeyTurns(() => known.promise);
    const later = keys.inTurn('a', 2, async () => DONE);
    await turns(3);
    keys.expect('a', 1);
    known.resolve();
    expect((await later).kind).toBe('again');
    expect((await keys.inTurn('a', 1, async () => DONE)).kind).toBe('done');
    expect((await keys.inTurn('a', 2, async () => DONE)).kind).toBe('done');
  });
});
