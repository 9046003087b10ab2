import { describe, expect, it } from 'vitest';
import { isSound } from './result.ts';
import { benchResult } from './testing/bench-result.ts';

const { events } = benchResult();

describe('a run is sound', () => {
  it('when everything accepted arrived', () => {
    expect(isSound(benchResult())).toBe(true);
  });

  it.each([{ missing: 1 }, { accepted: 0 }, { restarted: ['nats'] }])('unless %j', (change) => {
    expect(isSound(benchResult({ events: { ...events, ...change } }))).toBe(false);
  });
});
