import { describe, expect, it } from 'vitest';
import { judgeHub } from './hub.ts';
import { judgeLinks } from './links.ts';
import { judgeSettings } from './stream-settings.ts';

const node = (index: number, failure?: string) => ({
  name: `hub-${index}`,
  address: `10.0.0.${index}:4222`,
  ...(failure === undefined ? {} : { failure }),
});
const down = (index: number) => node(index, 'refused');
const led = { leader: 'hub-1', offline: [] };

describe('the hub', () => {
  it('is well with all nodes and a leader', () => {
    expect(judgeHub({ nodes: [node(1), node(2), node(3)], bucket: led })).toEqual([]);
  });

  it('tells a lost node once', () => {
    const told = judgeHub({ nodes: [node(1), down(2), node(3)], bucket: { leader: 'hub-1', offline: ['hub-2'] } });
    expect(told.map(({ detail }) => detail)).toEqual(['hub-2 at 10.0.0.2:4222 does not answer: refused']);
  });

  it('tells a copy that is away although its node answers', () => {
    const told = judgeHub({ nodes: [node(1), node(2), node(3)], bucket: { leader: 'hub-1', offline: ['hub-3'] } });
    expect(told.map(({ detail }) => detail)).toEqual(['hub-3 holds no copy of the control bucket at the moment']);
  });

  it('says that a majority is missing', () => {
    const told = judgeHub({ nodes: [down(1), down(2), node(3)], bucket: { failure: 'timeout' } });
    expect(told.at(-1)).toMatchObject({
      detail: 'the control bucket has no leader: timeout',
      remedy: expect.stringContaining('more than half of 3'),
    });
  });
});

describe('links', () => {
  it('are missing one by one', () => {
    expect(judgeLinks(['us-1', 'us-2'], new Map([['us-1', 'hub-1']])).map(({ detail }) => detail)).toEqual([
      'us-2 is not linked to the hub',
    ]);
  });
});

describe('the settings of streams', () => {
  const good = [
    { name: 'LOG_EU', discard: 'new', duplicateWindowMs: 60_000 },
    { name: 'PEERS_EU', discard: 'old', duplicateWindowMs: 0 },
  ];
  const told = (name: string, change: object): string[] =>
    judgeSettings(
      'eu',
      good.map((one) => (one.name === name ? { ...one, ...change } : one)),
    ).map(({ detail }) => detail);

  it('are well as they are provisioned', () => {
    expect(judgeSettings('eu', good)).toEqual([]);
  });

  it.each([
    ['LOG_EU', { discard: 'old' }, /drops its oldest facts/],
    ['LOG_EU', { duplicateWindowMs: 0 }, /stores a repeated publish twice/],
    ['PEERS_EU', { discard: 'new' }, /one refused fact stops its source for good/],
    ['PEERS_EU', { duplicateWindowMs: 120_000 }, /drops a fact whose Msg-Id/],
  ])('of %s are wrong with %j', (name, change, expected) => {
    expect(told(name, change)).toEqual([expect.stringMatching(expected)]);
  });
});
