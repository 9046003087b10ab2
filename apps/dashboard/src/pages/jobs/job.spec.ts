import { JOB_CHANGES, JOB_STATES, jobSpecSchema, mayChangeJob } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from './job.ts';
import { localText, replayBody } from './replay-order.ts';
import { specWords } from './spec-words.ts';

it.each(JOB_STATES)('a job that is %s is offered the commands that it takes', (state) =>
  expect(COMMANDS[state].toSorted()).toEqual(JOB_CHANGES.filter((change) => mayChangeJob(state, change)).toSorted()),
);

describe('what a replay sends', () => {
  it('keeps times to the ms, and writes none where there are none', () => {
    const [whole, exact] = ['2026-11-21T10:00:00.000Z', '2026-11-21T10:00:42.761Z'].map((iso) => localText(Date.parse(iso)));
    expect([whole?.length, exact?.slice(16)]).toEqual([16, ':42.761']);
  });

  const from = '2026-11-21T10:00:00.000Z';
  const to = '2026-11-21T11:30:00.000Z';
  const form = { from: localText(Date.parse(from)), to: localText(Date.parse(to)), reason: 'lost', destination: 'then' } as const;
  const none = { tenantId: '', eventTypes: '', region: '', endpointId: '', rate: '' };
  it.each([
    [
      { ...form, ...none },
      { from, to, destinations: 'then', reason: 'lost' },
    ],
    [{ ...form, ...none, destination: 'into', endpointId: 'ep_1' } as const, { from, to, into: 'ep_1', reason: 'lost' }],
    [
      {
        ...form,
        tenantId: 'acme',
        eventTypes: ' order.*, invoice.paid ',
        region: 'eu',
        destination: 'now',
        endpointId: 'ep_1',
        rate: '5',
      } as const,
      {
        from,
        to,
        tenantId: 'acme',
        eventTypes: ['order.*', 'invoice.paid'],
        region: 'eu',
        reason: 'lost',
        destinations: 'now',
        endpointId: 'ep_1',
        ratePerSecond: 5,
      },
    ],
  ])('%j', (order, body) => expect(replayBody(order)).toEqual(body));
});

describe('what a job works on', () => {
  const wordsOf = (spec: object): string => specWords(jobSpecSchema.parse(spec));
  it.each([
    [{ kind: 'redrive', ids: ['a'] }, 'one dead letter'],
    [{ kind: 'redrive', ids: ['a', 'b'] }, '2 dead letters'],
    [{ kind: 'redrive', filter: {} }, 'all open dead letters'],
    [
      { kind: 'redrive', filter: { reason: 'endpoint_gone', tenantId: 'acme', region: 'eu' } },
      'dead letters because endpoint gone, of tenant acme, of eu',
    ],
  ])('%j', (spec, words) => expect(wordsOf(spec)).toBe(words));

  it('a range, and where it goes', () => {
    const range = { kind: 'replay', from: '2026-11-21T10:00:00.000Z', to: '2026-11-21T11:00:00.000Z', destinations: 'now' };
    expect(wordsOf({ ...range, tenantId: 'acme', eventTypes: ['order.*'] })).toMatch(
      /^events of type order\.\* of tenant acme accepted from .+ to .+ to those who want them today$/,
    );
  });
});
