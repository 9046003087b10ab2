import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkRegions } from './check-regions.ts';
import { FIELD_NAMES } from './region-schema.ts';

const SECRET = 'hunter2-not-for-eyes';
const entry = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: 'us-central1',
  host: 'nats://nats.us.example.com:4222',
  region: 'us-central1',
  key: SECRET,
  webhook_url: 'https://hooks.example.com/us',
  ...changes,
});
const without = (field: string): Record<string, unknown> => Object.fromEntries(Object.entries(entry()).filter(([name]) => name !== field));
/** JSON is YAML. */
const check = (...entries: readonly unknown[]) => checkRegions({ REGIONS_CONFIG: JSON.stringify(entries) });
const europe = entry({ id: 'europe-west1' });

describe('a declaration of regions', () => {
  it('is read with every field, and defaults for the thresholds', () => {
    const text = `
- id: us-central1
  host: nats://a.us.example.com:4222, tls://b.us.example.com
  region: us-central1
  key: waybill:pass:word
  webhook_url: https://hooks.example.com/us
- id: europe-west1
  host: 10.0.0.7:4222
  region: europe-west1
  key: env:EU_KEY
  webhook_url: http://hooks.example.com
  poll_interval_ms: 1000
  max_retries_per_poll: 3
  request_timeout_ms: 8000
  priority: 2
  rate_limit_per_second: 50.5
  spillover: { queueDepth: 500, errorRate: 0.2 }
`;
    const { from, regions, problems } = checkRegions({ REGIONS_CONFIG: text, EU_KEY: SECRET });
    expect({ from, problems }).toEqual({ from: 'REGIONS_CONFIG', problems: [] });
    expect(regions).toEqual([
      {
        id: 'us-central1',
        host: 'nats://a.us.example.com:4222,tls://b.us.example.com',
        region: 'us-central1',
        key: 'waybill:pass:word',
        webhookUrl: 'https://hooks.example.com/us',
        spillover: { queueDepth: 100, concurrencyPercent: 80, errorRate: 0.05 },
      },
      {
        id: 'europe-west1',
        host: '10.0.0.7:4222',
        region: 'europe-west1',
        key: SECRET,
        webhookUrl: 'http://hooks.example.com',
        pollIntervalMs: 1000,
        maxRetriesPerPoll: 3,
        requestTimeoutMs: 8000,
        priority: 2,
        rateLimitPerSecond: 50.5,
        spillover: { queueDepth: 500, concurrencyPercent: 80, errorRate: 0.2 },
      },
    ]);
  });

  it('may share thresholds by an anchor', () => {
    const [us, eu] = [JSON.stringify(without('spillover')).slice(0, -1), JSON.stringify(europe).slice(0, -1)];
    const { regions, problems } = checkRegions({ REGIONS_CONFIG: `[${us}, "spillover": &s {queueDepth: 7}}, ${eu}, "spillover": *s}]` });
    expect(problems).toEqual([]);
    expect(regions.map(({ spillover }) => spillover.queueDepth)).toEqual([7, 7]);
  });

  it.each(['nats://[::1]:4222', 'localhost:4222', 'tls://connect.example.com', 'nats://a:1,b:2'])('takes the host %s', (host) => {
    expect(check(entry({ host })).problems).toEqual([]);
  });
});

const hostRule =
  'not an address; use nats://host:port, tls://host:port or host:port, several separated by commas; the credential goes into key';
const known =
  'id, host, region, key, webhook_url, poll_interval_ms, max_retries_per_poll, request_timeout_ms, priority, rate_limit_per_second, spillover';
const us = 'REGIONS_CONFIG, entry 1 (us-central1)';

/** What is declared, and the whole of what is told about it. */
const mistakes: readonly [what: string, entries: readonly unknown[], told: readonly string[]][] = [
  ['no region', [], ['REGIONS_CONFIG: an empty list; declare a region, or leave the variable out']],
  ['no id', [without('id')], ['REGIONS_CONFIG, entry 1, id: missing; add the label of the region, as in us-central1']],
  [
    'no host',
    [without('host')],
    [`${us}, host: missing; add the address of its NATS server, as in nats://nats.us-central1.example.com:4222`],
  ],
  ['no region name', [without('region')], [`${us}, region: missing; add the cloud's name for the region, as in us-central1`]],
  ['no key', [without('key')], [`${us}, key: missing; add the credential for host, or a reference: env:NAME or file:PATH`]],
  ['an empty key', [entry({ key: ' ' })], [`${us}, key: empty; add the credential for host, or a reference: env:NAME or file:PATH`]],
  ['a key that is a number', [entry({ key: 123 })], [`${us}, key: not text; put the value in quotes`]],
  [
    'a variable that is not set',
    [entry({ key: 'env:NO_SUCH' })],
    [`${us}, key: the variable NO_SUCH is not set; set it, or refer to another one`],
  ],
  [
    'no webhook_url',
    [without('webhook_url')],
    [`${us}, webhook_url: missing; add where events go whose tenant has no endpoint here, as in https://hooks.example.com/events`],
  ],
  [
    'a webhook_url of another kind',
    [entry({ webhook_url: 'ftp://x.example.com' })],
    [`${us}, webhook_url: not a web address; use http://... or https://...`],
  ],
  [
    'a webhook_url without a host',
    [entry({ webhook_url: 'https:///x' })],
    [`${us}, webhook_url: not a web address; use http://... or https://...`],
  ],
  ['a host of another kind', [entry({ host: 'http://x:4222' })], [`${us}, host: ${hostRule}`]],
  ['a host without a port', [entry({ host: 'nats.example.com' })], [`${us}, host: ${hostRule}`]],
  ['a host with a password', [entry({ host: `nats://u:${SECRET}@x:4222` })], [`${us}, host: ${hostRule}`]],
  ['a hole in the list of hosts', [entry({ host: 'nats://a:4222,' })], [`${us}, host: ${hostRule}`]],
  ['a port that is none', [entry({ host: 'nats://a:99999' })], [`${us}, host: ${hostRule}`]],
  [
    'an id that is none',
    [entry({ id: 'US_central' })],
    ['REGIONS_CONFIG, entry 1, id: not an id; use a-z, 0-9 and -, at most 40 characters, as in us-central1'],
  ],
  [
    'the id of the hub',
    [entry({ id: 'hub' })],
    ['REGIONS_CONFIG, entry 1, id: hub is the name of what connects the regions; choose another id'],
  ],
  ['an unknown field', [entry({ webhookUrl: 'x' })], [`${us}, webhookUrl: unknown field; did you mean webhook_url?`]],
  ['a field like no other', [entry({ colour: 'red' })], [`${us}, colour: unknown field; there are ${known}`]],
  [
    'a name that holds a secret',
    [entry({ [`key:${SECRET}`]: null })],
    [`${us}: a field whose name is no plain word; put a space behind each colon`],
  ],
  [
    'an unknown threshold',
    [entry({ spillover: { queue_depth: 1 } })],
    [`${us}, spillover.queue_depth: unknown field; did you mean queueDepth?`],
  ],
  [
    'an error rate in percent',
    [entry({ spillover: { errorRate: 5 } })],
    [`${us}, spillover.errorRate: not a share from 0 to 1 (0.05 is 5 %), without quotes`],
  ],
  [
    'no concurrency',
    [entry({ spillover: { concurrencyPercent: 0 } })],
    [`${us}, spillover.concurrencyPercent: not a number from 1 to 100, without quotes`],
  ],
  [
    'no queue',
    [entry({ spillover: { queueDepth: 0 } })],
    [`${us}, spillover.queueDepth: not a whole number from 1 to 1000000000, without quotes`],
  ],
  [
    'thresholds as a number',
    [entry({ spillover: 5 })],
    [`${us}, spillover: not a mapping; write queueDepth, concurrencyPercent and errorRate below it`],
  ],
  [
    'an interval out of range',
    [entry({ poll_interval_ms: 0 })],
    [`${us}, poll_interval_ms: not a whole number from 100 to 600000, without quotes`],
  ],
  [
    'half a retry',
    [entry({ max_retries_per_poll: 0.5 })],
    [`${us}, max_retries_per_poll: not a whole number from 0 to 1000, without quotes`],
  ],
  [
    'a timeout in quotes',
    [entry({ request_timeout_ms: '15000' })],
    [`${us}, request_timeout_ms: not a whole number from 100 to 120000, without quotes`],
  ],
  ['a rate of nothing', [entry({ rate_limit_per_second: 0 })], [`${us}, rate_limit_per_second: not a number above 0, without quotes`]],
  ['a priority of nothing', [entry({ priority: 0 })], [`${us}, priority: not a whole number from 1 to 1000, without quotes`]],
  [
    'an entry that is text',
    ['us-central1'],
    ['REGIONS_CONFIG, entry 1: not a mapping; write its fields below each other, as in "- id: us-central1"'],
  ],
  [
    'the same id twice',
    [entry(), entry({ id: ' us-central1 ' })],
    ['REGIONS_CONFIG, entry 2 (us-central1), id: entry 1 (us-central1) has the same; give every region its own'],
  ],
  [
    'two primaries',
    [entry({ priority: 1 }), { ...europe, priority: 1 }],
    [
      'REGIONS_CONFIG, entry 2 (europe-west1), priority: two primaries: entry 1 (us-central1) has priority 1 as well; keep it at one of them',
    ],
  ],
  [
    'equal priorities',
    [entry({ priority: 2 }), { ...europe, priority: 2 }],
    ['REGIONS_CONFIG, entry 2 (europe-west1), priority: entry 1 (us-central1) has priority 2 as well; give every region its own'],
  ],
  [
    'mistakes in several entries',
    [without('host'), entry({ id: 'europe-west1', key: 'env:NO_SUCH', priority: 'high' }), 7],
    [
      `${us}, host: missing; add the address of its NATS server, as in nats://nats.us-central1.example.com:4222`,
      'REGIONS_CONFIG, entry 2 (europe-west1), key: the variable NO_SUCH is not set; set it, or refer to another one',
      'REGIONS_CONFIG, entry 2 (europe-west1), priority: not a whole number from 1 to 1000, without quotes',
      'REGIONS_CONFIG, entry 3: not a mapping; write its fields below each other, as in "- id: us-central1"',
    ],
  ],
];

describe('what is wrong with a declaration', () => {
  it.each(mistakes)('is told: %s', (_, entries, told) => {
    const { problems, multiRegion } = check(...entries);
    expect(problems).toEqual(told);
    expect(multiRegion).toBeUndefined();
    expect(problems.join('\n')).not.toContain(SECRET);
  });

  it.each([
    ['null', 'REGIONS_CONFIG: not a list; begin each region with "- id: ..."'],
    ['id: us', 'REGIONS_CONFIG: not a list; begin each region with "- id: ..."'],
    ['- id: us\n  key: "abc', 'REGIONS_CONFIG: line 2, column 12: not YAML: a quote, bracket, comma or colon is missing'],
  ])('is told of %j', (text, told) => {
    expect(checkRegions({ REGIONS_CONFIG: text }).problems).toEqual([told]);
  });

  it('names the file that the text came from', () => {
    expect(checkRegions({ REGIONS_CONFIG: '7' }, 'regions.yml').problems).toEqual([
      'regions.yml: not a list; begin each region with "- id: ..."',
    ]);
  });
});

describe('docs/regions.md', () => {
  const page = readFileSync(new URL('../../../../docs/regions.md', import.meta.url), 'utf8');

  it('has an example that is sound but for the secrets of its machines', () => {
    const example = /```yaml\n([\s\S]+?)```/.exec(page)?.[1];
    const { regions, problems } = checkRegions({ REGIONS_CONFIG: example, US_NATS_KEY: SECRET });
    expect(problems).toEqual([expect.stringContaining('entry 2 (europe-west1), key: the file /run/secrets/eu-nats-key cannot be read')]);
    expect(regions).toHaveLength(1);
  });

  it('names every field', () => {
    const fields = [
      ...FIELD_NAMES.entry.filter((field) => field !== 'spillover'),
      ...FIELD_NAMES.spillover.map((field) => `spillover.${field}`),
    ];
    expect(fields.filter((field) => !page.includes(`| \`${field}\` |`))).toEqual([]);
  });
});

describe('a setup of one region', () => {
  const spillover = { queueDepth: 100, concurrencyPercent: 80, errorRate: 0.05 };

  it('is one entry from the earlier names', () => {
    const { from, regions } = checkRegions({ REGION_HOST: 'nats.example.com', REGION_KEY: 'k', REGION: 'eu', REGIONS_CONFIG: '' });
    expect({ from, regions }).toEqual({
      from: 'REGION_HOST',
      regions: [{ id: 'eu', host: 'nats.example.com', region: 'eu', key: 'k', spillover }],
    });
  });

  it('is one entry from the present names, which win', () => {
    const env = { REGION_HOST: 'old', REGION_KEY: 'old', NATS_URL: 'nats://new:4222', NATS_USER: 'w', NATS_PASSWORD: 'env:literal' };
    expect(checkRegions(env).regions).toEqual([
      { id: 'local', host: 'nats://new:4222', region: 'local', key: 'env:literal', user: 'w', spillover },
    ]);
  });

  it('needs no key', () => {
    expect(checkRegions({ NATS_URL: 'nats://127.0.0.1:4222' })).toMatchObject({ problems: [], regions: [{ id: 'local', key: '' }] });
  });

  it('is the embedded default when nothing is given', () => {
    expect(checkRegions({ REGION: 'eu' })).toMatchObject({
      from: 'nothing',
      regions: [],
      problems: [],
      multiRegion: { primaryRegion: 'eu' },
    });
  });

  it('is refused with an id that is none', () => {
    expect(checkRegions({ REGION: 'No Such' }).problems).toEqual([
      'REGION: not an id; use a-z, 0-9 and -, at most 40 characters, as in us-central1',
    ]);
  });
});
