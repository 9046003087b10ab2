import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REGION, Region } from './testing/running-projector.ts';
import { SampleLog, sampleDeliveryId, sampleEventId } from './testing/sample-facts.ts';

const API = 'github:acme/api/cd.yml';

let region: Region;
beforeAll(async () => {
  region = await Region.open();
  const log = new SampleLog(REGION);
  log.ranToEnd(1);
  log.decided(1, [API], { denied: 1 });
  log.planned(1, [API]);
  log.intended(1, API);
  log.settled(1, API, { kind: 'started', how: 'answered', runId: '1003', url: 'https://run/1003' });
  log.attempted(1, API, 1, { kind: 'delivered' });
  log.runEnded(1, API, { runId: '1003' });
  log.reported(1, { checkRunId: '9', issueNumber: 4 });
  log.decided(2, []);
  log.decided(3, [API], { chain: { id: sampleEventId(1), depth: 1, ancestors: ['7/ci.yml'] } });
  log.swept(12);
  await region.publish(log);
  await region.start();
  await region.caughtUp(log.messages.length);
});
afterAll(() => region.close());

const RUN = { id: '1003', url: 'https://run/1003', how: 'answered', attempt: 1, conclusion: 'failure', endedAt: expect.any(String) };

describe('GET /v1/dispatches', () => {
  it('lists what runs led to, newest first, with filters and pages', async () => {
    const first = await region.get('/v1/dispatches?limit=1');
    expect(first.body).toMatchObject({ data: [{ eventId: sampleEventId(3), state: 'open' }], done: false });
    const next = await region.get(`/v1/dispatches?limit=1&iterator=${String(first.body['iterator'])}`);
    expect(next.body).toMatchObject({
      data: [{ eventId: sampleEventId(2), state: 'skipped', skip: { reason: 'no_matching_outbound', detail: 'no rule names ci.yml' } }],
    });
    const filtered = '/v1/dispatches?repository=ACME/Web&workflow=ci.yml&state=done&tenantId=acme&region=local';
    expect((await region.get(filtered)).body).toMatchObject({ data: [{ eventId: sampleEventId(1), repository: 'Acme/web' }], done: true });
  });

  it('tells the whole story of one', async () => {
    const { status, body } = await region.get(`/v1/dispatches/${sampleEventId(1)}`);
    expect(status).toBe(200);
    expect(body).toEqual({
      eventId: sampleEventId(1),
      tenantId: 'acme',
      region: REGION,
      decidedAt: '2026-01-01T00:00:00.002Z',
      state: 'done',
      repository: 'Acme/web',
      workflow: 'ci.yml',
      run: {
        identity: 'github.com/7/1001/1',
        host: 'github.com',
        repositoryId: '7',
        id: '1001',
        attempt: 1,
        conclusion: 'success',
        event: 'push',
        branch: 'main',
        sha: 'abc',
        url: 'https://run',
      },
      skip: null,
      warnings: ['config_shadowed'],
      chain: {
        id: sampleEventId(1),
        depth: 0,
        parent: null,
        children: [
          {
            eventId: sampleEventId(3),
            deliveryId: sampleDeliveryId(1, API),
            repository: 'Acme/web',
            workflow: 'ci.yml',
            runId: '1003',
            depth: 1,
            state: 'open',
          },
        ],
      },
      counts: { targets: 2, allowed: 1, denied: 1, started: 1, failed: 0, unknown: 0, ended: 1 },
      complete: true,
      files: [{ repository: 'Acme/web', path: '.github/dispatching.yml', sha: 'f1', text: 'outbound: []', isCut: false, missing: false }],
      report: { at: '2026-01-01T00:00:00.008Z', region: REGION, checkRunId: '9', issueNumber: 4, failed: null },
      targets: [
        {
          ordinal: 0,
          deliveryId: sampleDeliveryId(1, API),
          endpointId: API,
          owner: 'Acme',
          repo: 'api',
          workflow: 'cd.yml',
          ref: 'main',
          rule: 'outbound[0]',
          verdict: 'allowed',
          state: 'started',
          reason: null,
          detail: null,
          text: null,
          statedAt: '2026-01-01T00:00:00.005Z',
          statedIn: REGION,
          run: RUN,
        },
        expect.objectContaining({
          ordinal: 1,
          verdict: 'denied',
          state: 'denied',
          reason: 'inbound_not_authorized',
          text: { meaning: expect.stringContaining('No inbound rule'), remedy: expect.stringContaining('Add one there') },
          run: null,
        }),
      ],
      deliveries: expect.arrayContaining([
        expect.objectContaining({ id: sampleDeliveryId(1, API), state: 'delivered', run: RUN }),
        expect.objectContaining({
          endpointId: 'github:acme/denied-0/cd.yml',
          state: 'denied',
          endReason: 'inbound_not_authorized',
          run: null,
        }),
      ]),
    });
    expect((await region.get(`/v1/dispatches/${sampleEventId(2)}`)).body['skip']).toMatchObject({
      reason: 'no_matching_outbound',
      text: { meaning: 'No outbound rule names this workflow file.' },
    });
    const child = await region.get(`/v1/dispatches/${sampleEventId(3)}`);
    expect(child.body['chain']).toMatchObject({
      parent: { eventId: sampleEventId(1), deliveryId: sampleDeliveryId(1, API), state: 'done' },
    });
  });

  it.each([
    ['/v1/dispatches/evt_none', 404, 'WB_NOT_FOUND'],
    ['/v1/dispatches?state=lost', 422, 'WB_SCHEMA_VIOLATION'],
    ['/v1/dispatches?colour=red', 422, 'WB_SCHEMA_VIOLATION'],
    ['/v1/stats/dispatches?scope=endpoint&id=x', 422, 'WB_SCHEMA_VIOLATION'],
    ['/v1/stats/dispatches?scope=tenant', 422, 'WB_SCHEMA_VIOLATION'],
  ])('answers %s with %i and a problem document', async (path, status, code) => {
    const answer = await region.get(path);
    expect([answer.status, answer.type.split(';')[0], answer.body['code']]).toEqual([status, 'application/problem+json', code]);
  });
});

describe('what else tells of dispatches', () => {
  it('is the event, with its payload, its dispatch, and the runs beside its deliveries', async () => {
    const { body } = await region.get(`/v1/events/${sampleEventId(1)}`);
    expect(body).toMatchObject({
      eventType: 'github.workflow_run.completed',
      payload: 'present',
      dispatch: { state: 'done', counts: { started: 1 } },
    });
    expect(body['deliveries']).toEqual(expect.arrayContaining([expect.objectContaining({ id: sampleDeliveryId(1, API), run: RUN })]));
  });

  it('are the deliveries and the dead letters', async () => {
    expect((await region.get(`/v1/deliveries/${sampleDeliveryId(1, API)}`)).body).toMatchObject({ state: 'delivered', run: RUN });
    expect((await region.get(`/v1/deliveries?endpointId=${encodeURIComponent(API)}`)).body['data']).toMatchObject([{ run: RUN }]);
    expect((await region.get('/v1/dead-letters?reason=inbound_not_authorized')).body['data']).toMatchObject([
      { endpointId: 'github:acme/denied-0/cd.yml', detail: `denied in ${REGION}` },
    ]);
  });

  it('are the numbers, with the newest sweep of each region', async () => {
    const { body } = await region.get('/v1/stats/dispatches');
    expect(body).toMatchObject({ scope: 'all', id: null, dispatches: { total: 3, skipped: 1, denied: 0, open: 1, failed: 0, done: 1 } });
    expect(body['sweeps']).toMatchObject([{ region: REGION, listed: 5, redelivered: 1, gapSeconds: 12 }]);
    expect((await region.get('/v1/stats/dispatches?scope=region&id=local')).body).toMatchObject({ dispatches: { total: 3 } });
    expect((await region.get('/v1/stats/totals')).body).toMatchObject({ deliveries: { total: 2, delivered: 1, denied: 1 } });
  });
});
