import { describe, expect, it } from 'vitest';
import type { RegionsAnswer } from '../client/regions.ts';
import { judgeView } from './view.ts';

const known = new Map([['us', { state: 'drained', epoch: 4, isRenewed: true }]]);
const answer = (us: Partial<RegionsAnswer['data'][number]>, control: RegionsAnswer['control'] = { ok: true }): RegionsAnswer => ({
  data: [{ id: 'us', state: 'drained', epoch: 4, leaseAgeMs: 800, ...us }, { id: 'eu' }],
  control,
});
const told = (seen: RegionsAnswer): string[] => judgeView('eu', seen, known).map(({ detail }) => detail);

describe('what a region sees of the others', () => {
  it.each([
    ['as it is', answer({})],
    ['already newer than the bucket was', answer({ epoch: 5, state: 'recovering' })],
  ])('is well when it is %s', (_, seen) => {
    expect(told(seen)).toEqual([]);
  });

  it.each([
    ['older than the bucket', answer({ epoch: 3, state: 'active' }), 'eu sees us as active (epoch 3), but it is drained (epoch 4)'],
    ['standing still', answer({ leaseAgeMs: 25_000 }), 'eu has not seen us renew its record for 25 s'],
    ['unknown', answer({ epoch: null, state: 'unknown' }), 'eu sees us as unknown (epoch 0), but it is drained (epoch 4)'],
    ['what it saw last', answer({}, { ok: false, detail: 'timeout' }), 'eu cannot read the control bucket: timeout'],
  ])('is wrong when it is %s', (_, seen, expected) => {
    expect(told(seen)).toEqual([expected]);
  });

  it('may be old when the record itself stands still', () => {
    const still = new Map([['us', { state: 'active', epoch: 4, isRenewed: false }]]);
    expect(judgeView('eu', answer({ leaseAgeMs: 60_000 }), still)).toEqual([]);
  });
});
