import { describe, expect, it } from 'vitest';
import { mostRepeats } from './kill-any.ts';

describe('repeats that kills may explain', () => {
  it('are what was in hand and a second of new work, at each endpoint, for kills of the dispatcher and of NATS', () => {
    const kills = [
      { target: 'dispatcher', inFlight: 30 },
      { target: 'nats', inFlight: 0 },
      { target: 'ingress', inFlight: 500 },
    ] as const;
    expect(mostRepeats(kills, 2, 100)).toBe((30 + 100 + 0 + 100) * 2);
  });

  it('are what a dispatcher can hold when nobody could be asked', () => {
    expect(mostRepeats([{ target: 'dispatcher', inFlight: null }], 1, 0)).toBe(1_024);
  });

  it('are none when only others were killed', () => {
    expect(mostRepeats([{ target: 'projector', inFlight: 9 }], 2, 100)).toBe(0);
  });
});
