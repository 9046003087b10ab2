import { describe, expect, it } from 'vitest';
import { judgeSource, type SourceSeen } from './source.ts';

const seen = (changes: Partial<SourceSeen>): SourceSeen => ({
  region: 'eu',
  peer: 'us',
  stream: 'PEERS_EU',
  resetSubject: '$JS.us.API.CONSUMER.RESET.LOG_US.to_eu',
  hearsOthers: false,
  ...changes,
});
const judged = (changes: Partial<SourceSeen>) => judgeSource(seen(changes)).map(({ detail, remedy }) => `${detail} | ${remedy}`);

describe('the source of a copy', () => {
  it.each([0, 900, 10_000])('is well when it was heard %d ms ago', (heardMsAgo) => {
    expect(judgeSource(seen({ source: { heardMsAgo } }))).toEqual([]);
  });

  it.each<[string, Partial<SourceSeen>, RegExp]>([
    ['is missing', {}, /^PEERS_EU has no source in us \| .*provision/],
    ['is silent', { source: { heardMsAgo: 43_000 } }, /heard nothing of us for 43 s \| npx waybill regions relink eu us;/],
    [
      'was never heard',
      { source: {} },
      /never heard of us, and nothing refuses it: .*wildcard.* \| .*RESET\.LOG_US\.to_eu, in full.*reload/,
    ],
    [
      'was never heard, unlike others',
      { source: {}, hearsOthers: true },
      /never heard of us, but hears other regions: a link keeps .* \| npx waybill regions relink eu us;/,
    ],
    [
      'stalled',
      { source: { heardMsAgo: 5, error: { code: 10_228, text: 'stalled' } } },
      /^PEERS_EU stopped in the middle .*stalled \| flow control/,
    ],
    [
      'is refused',
      { source: { error: { code: 10_014, text: 'consumer not found' } } },
      /cannot copy from us: consumer not found \(10014\)/,
    ],
  ])('%s', (_, changes, told) => {
    expect(judged(changes)).toEqual([expect.stringMatching(told)]);
  });
});
