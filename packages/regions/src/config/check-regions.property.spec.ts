import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { checkRegions } from './check-regions.ts';

type Fields = Record<string, unknown>;

const sound = (index: number): Fields => ({
  id: `region-${index + 1}`,
  host: 'nats://nats.example.com:4222',
  region: 'somewhere',
  key: 'secret-nobody-may-see',
  webhook_url: 'https://hooks.example.com',
  priority: index + 1,
});

/** One mistake a slot, so that mistakes do not hide each other: what to write, and what is told behind the name of the entry. */
const MISTAKES: readonly (readonly [slot: Fields, told: string])[] = [
  [{ host: undefined }, ', host: missing'],
  [{ region: 5 }, ', region: not text'],
  [{ key: 'env:NOT_SET' }, ', key: the variable NOT_SET is not set'],
  [{ webhook_url: 'hooks.example.com' }, ', webhook_url: not a web address'],
  [{ priority: -1 }, ', priority: not a whole number'],
  [{ poll_interval_ms: 'often' }, ', poll_interval_ms: not a whole number'],
  [{ rate_limit_per_second: -5 }, ', rate_limit_per_second: not a number'],
  [{ spillover: { errorRate: 2, concurency: 1 } }, ', spillover.errorRate: not a share'],
  [{ colour: 'red' }, ', colour: unknown field'],
  [{ prioritty: 1 }, ', prioritty: unknown field; did you mean priority?'],
];

const FLAGS: readonly (readonly [flags: Record<string, string>, told: string])[] = [
  [{ PRIMARY_REGION: 'mars' }, 'PRIMARY_REGION: there is no region "mars"'],
  [{ REGION: 'venus' }, 'REGION: there is no region "venus"'],
  [{ FAILOVER_ENABLED: 'perhaps' }, 'FAILOVER_ENABLED: neither'],
];

it('tells any set of mistakes together: each of them, and nothing else', () => {
  const injected = fc.record({
    entries: fc.array(fc.uniqueArray(fc.nat(MISTAKES.length - 1)), { minLength: 1, maxLength: 5 }),
    flags: fc.uniqueArray(fc.nat(FLAGS.length - 1)),
    sameId: fc.boolean(),
  });
  fc.assert(
    fc.property(injected, ({ entries, flags, sameId }) => {
      const chosen = entries.map((mistakes) => MISTAKES.filter((_, index) => mistakes.includes(index)));
      const written: Fields[] = chosen.map((mistakes, index) => Object.assign(sound(index), ...mistakes.map(([slot]) => slot)));
      if (sameId) written.push({ ...sound(written.length), id: 'region-1' });
      const expected = [
        ...chosen.flatMap((mistakes, index) =>
          mistakes.map(([, told]) => `REGIONS_CONFIG, entry ${index + 1} (region-${index + 1})${told}`),
        ),
        ...chosen.flatMap((mistakes, index) =>
          mistakes.some(([slot]) => 'spillover' in slot)
            ? [`REGIONS_CONFIG, entry ${index + 1} (region-${index + 1}), spillover.concurency`]
            : [],
        ),
        ...(sameId ? [`REGIONS_CONFIG, entry ${written.length} (region-1), id: entry 1`] : []),
        ...flags.map((flag) => FLAGS[flag]?.[1] ?? ''),
      ];
      const env = Object.assign({ REGIONS_CONFIG: stringify(written) }, ...flags.map((flag) => FLAGS[flag]?.[0]));
      const { problems, multiRegion } = checkRegions(env, 'REGIONS_CONFIG', 'all');
      expect(problems.filter((line) => !expected.some((start) => line.startsWith(start)))).toEqual([]);
      expect(expected.filter((start) => !problems.some((line) => line.startsWith(start)))).toEqual([]);
      expect(problems).toHaveLength(expected.length);
      expect(problems.join('\n')).not.toContain('secret-nobody-may-see');
      expect(multiRegion === undefined).toBe(expected.length > 0);
    }),
    { numRuns: 300 },
  );
});
