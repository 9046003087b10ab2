import { describe, expect, it } from 'vitest';
import { actorHeader, isOver, jobLines, jobSchema, progressLine } from './jobs.ts';

const planned = {
  id: 'job_1',
  kind: 'redrive',
  region: 'eu',
  state: 'running',
  spec: { kind: 'redrive', filter: { reason: 'attempts_exhausted' } },
  ratePerSecond: 200,
  plan: {
    deliveries: 5,
    events: 4,
    endpoints: [{ tenantId: 'acme', endpointId: 'ep_1', count: 3 }],
    endpointCount: 2,
    skipped: { endpoint_deleted: 7 },
  },
  progress: { done: 2, skipped: { payload_lost: 1 }, total: 5, percent: 60, ratePerSecond: 1.5, etaSeconds: 90 },
  by: { actor: 'ana', reason: 'the receiver was down' },
  createdAt: '2026-11-21T10:00:00.000Z',
};

describe('a job at a terminal', () => {
  it('shows what it will send, to whom, and what is left out', () => {
    const said = jobLines(jobSchema.parse(planned)).join('\n');
    for (const part of [
      '5 deliveries of 4 events to 2 endpoints',
      'ep_1',
      '… and 1 more endpoints',
      'left out: 7 endpoint_deleted',
      'by ana: the receiver was down',
    ])
      expect(said).toContain(part);
  });

  it('shows how far it is as one line', () => {
    expect(progressLine(jobSchema.parse(planned))).toBe('running: 2 of 5, 60.0 %, 1.5/s, left out: 1 payload_lost, about 2 min left');
  });

  it('shows a job of which nothing is known yet', () => {
    const fresh = jobSchema.parse({
      ...planned,
      state: 'planning',
      plan: null,
      progress: { done: 0, skipped: {}, total: null, etaSeconds: null },
    });
    expect(progressLine(fresh)).toBe('planning: 0');
    expect(jobLines(fresh)).toContain('  not planned yet');
  });

  it.each(['done', 'cancelled', 'failed', 'expired'])('knows that %s is an end', (state) => expect(isOver({ state })).toBe(true));
  it.each(['planning', 'planned', 'running', 'paused', 'cancelling'])('knows that %s is none', (state) =>
    expect(isOver({ state })).toBe(false),
  );
});

describe('who acts', () => {
  it('is who the environment names', () => expect(actorHeader({ WAYBILL_ACTOR: 'ana' })).toEqual({ 'waybill-actor': 'ana' }));
  it('is told in the bytes of UTF-8', () => {
    const told = actorHeader({ WAYBILL_ACTOR: 'Jürgen 木' })['waybill-actor'] ?? '';
    expect(new Headers({ told }).get('told')).toBe(told);
    expect(Buffer.from(told, 'latin1').toString()).toBe('Jürgen 木');
  });
  it('is left out when no header may hold it', () => expect(actorHeader({ WAYBILL_ACTOR: 'ana\nx' })).toEqual({}));
});
