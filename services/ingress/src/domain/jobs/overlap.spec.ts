import { type JobSpec, jobSpecSchema } from '@waybill/contracts';
import { expect, it } from 'vitest';
import { jobsOverlap, worksOn } from './overlap.ts';

const [early, noon, late] = ['2026-01-01T00:00:00Z', '2026-01-01T12:00:00Z', '2026-01-02T00:00:00Z'];
const ids = (...names: string[]): JobSpec => jobSpecSchema.parse({ kind: 'redrive', ids: names });
const filter = (more: object): JobSpec => jobSpecSchema.parse({ kind: 'redrive', filter: { region: 'us', ...more } });
const replay = (more: object): JobSpec => jobSpecSchema.parse({ kind: 'replay', from: early, to: noon, destinations: 'then', ...more });

it.each<[what: string, one: JobSpec, other: JobSpec, overlap: boolean]>([
  ['ids with one in common', ids('a', 'b'), ids('b', 'c'), true],
  ['ids with none in common', ids('a'), ids('b'), false],
  ['ids and a filter', ids('a'), filter({ tenantId: 'acme' }), true],
  ['everything and a filter', filter({}), filter({ tenantId: 'acme', reason: 'endpoint_gone' }), true],
  ['filters of two tenants', filter({ tenantId: 'acme' }), filter({ tenantId: 'other' }), false],
  ['filters of two regions', filter({}), filter({ region: 'eu' }), false],
  ['filters by different fields', filter({ tenantId: 'acme' }), filter({ reason: 'endpoint_gone' }), true],
  ['filters whose times touch', filter({ to: noon }), filter({ from: noon }), false],
  ['filters whose times meet', filter({ from: early, to: late }), filter({ from: noon }), true],
  ['a redrive and a replay', filter({}), replay({}), false],
  ['equal replays', replay({}), replay({}), true],
  ['replays of two tenants', replay({ tenantId: 'acme' }), replay({ tenantId: 'other' }), false],
  ['replays into two endpoints', replay({ into: 'a' }), replay({ into: 'b' }), false],
  ['a replay into an endpoint, and one narrowed to it', replay({ into: 'a' }), replay({ endpointId: 'a' }), true],
  ['a replay into an endpoint, and one to all', replay({ into: 'a' }), replay({}), true],
  ['replays one after the other', replay({}), replay({ from: noon, to: late }), false],
  ['replays of other types', replay({ eventTypes: ['a.b'] }), replay({ eventTypes: ['a.c'] }), false],
  ['replays of types that a pattern may hold', replay({ eventTypes: ['a.*'] }), replay({ eventTypes: ['a.c'] }), true],
])('%s', (_what, one, other, overlap) => {
  expect([jobsOverlap(one, other), jobsOverlap(other, one)]).toEqual([overlap, overlap]);
});

it.each<[what: string, spec: JobSpec, works: boolean]>([
  ['that names it', ids('a', 'b'), true],
  ['that names another', ids('b'), false],
  ['of its region', filter({}), true],
  ['of another region', filter({ region: 'eu' }), false],
  ['of its endpoint and time', filter({ endpointId: 'ep', from: noon, to: late }), true],
  ['of another endpoint', filter({ endpointId: 'other' }), false],
  ['of a time before', filter({ to: noon }), false],
  ['of a type, which it has none of', filter({ eventType: 'a.b' }), false],
])('whether a redrive %s works on a dead letter', (_what, spec, works) => {
  const deadLetter = { id: 'a', tenantId: 'acme', endpointId: 'ep', reason: 'attempts_exhausted', eventType: null, region: 'us', at: noon };
  expect(worksOn(spec, deadLetter)).toBe(works);
});
