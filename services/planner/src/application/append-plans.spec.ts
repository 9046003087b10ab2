import { parseFactSubject } from '@waybill/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { PlannerInMemory, toPlan } from '../testing/planner-in-memory.ts';
import { regionRecord } from '../testing/region-record.ts';
import type { AcceptedEvent } from './append-plans.ts';
import { PlannedEvents } from './planned-events.ts';
import { StickyRegions } from './sticky-regions.ts';

/** The own region's events and what its LOG says was planned, as a new process reads it. */
const OWN = /\.(plan\.made|event\.refused)/;

describe('appending the plans of an event', () => {
  let planner: PlannerInMemory;
  let planned: PlannedEvents;
  const plan = (event: AcceptedEvent): Promise<void> => planner.appender.appendMissing(toPlan(event), planned);
  /** Dies, and reads its own output at the next start. */
  const restart = async (): Promise<void> => {
    planner.die();
    planner.log.forgetIds();
    planned = new PlannedEvents(100);
    await planner.log.events('us', OWN).scan({}, (found) => {
      if (found.kind === 'planned') planned.notePlan(found.head);
      else planned.noteWhole(found.seq);
    });
  };

  beforeEach(() => {
    planner = new PlannerInMemory('us');
    planned = new PlannedEvents(100);
  });

  it('makes one plan for each region that delivers, which speaks of the others', async () => {
    for (const [id, region] of [['a'], ['b', 'eu'], ['c']] as const) planner.endpoint(id, region);
    await plan(planner.accept('evt_1'));
    expect(planner.plans()).toEqual([
      ['evt_1', 'us', 'a,c', 2],
      ['evt_1', 'eu', 'b', 2],
    ]);
    expect(planned.isWhole(1)).toBe(true);
    expect(planner.log.plans()[0]).toMatchObject({ acceptedSeq: 1, registryRevision: 7, event: { region: 'us' } });
  });

  it('makes one plan without deliveries, in its own region, when nobody is owed the event', async () => {
    await plan(planner.accept('evt_1'));
    expect(planner.plans()).toEqual([['evt_1', 'us', '', undefined]]);
  });

  it('makes the plan of an event for one endpoint where that one is served now, and for no default endpoint', async () => {
    planner.withDefault.add('us');
    planner.endpoint('a');
    planner.endpoint('b', 'eu');
    planner.endpoint('c', undefined, 'other');
    await plan(planner.accept('evt_1', { onlyTo: 'b' }));
    planner.records.set('eu', regionRecord('eu', 'failed'));
    await plan(planner.accept('evt_2', { onlyTo: 'b' }));
    await plan(planner.accept('evt_3', { onlyTo: 'c' }));
    planner.endpoints.length = 0;
    await plan(planner.accept('evt_4', { onlyTo: 'b' }));
    await plan(planner.accept('evt_5'));
    expect(planner.plans()).toEqual([
      ['evt_1', 'eu', 'b', undefined],
      ['evt_2', 'us', 'b', undefined],
      ['evt_3', 'us', '', undefined],
      ['evt_4', 'us', '', undefined],
      ['evt_5', 'us', 'region.us', undefined],
    ]);
  });

  it("keeps the facts of a strict tenant's event in its scope", async () => {
    planner.endpoint('a');
    const event = planner.accept('evt_1', {}, 'l');
    await plan(event);
    await planner.appender.refuse(planner.accept('evt_2', {}, 'l'), { verdict: 'poison', detail: 'x', about: ABOUT }, planned);
    expect(planner.log.messages.map(({ subject }) => parseFactSubject(subject)?.scope)).toEqual(['l', 'l', 'l', 'l']);
    expect(planner.log.plans()[0]?.registryRevision).toBe(9);
  });

  it('appends only what is missing when it died between two plans, however long ago', async () => {
    for (const [id, region] of [['a'], ['b', 'eu'], ['c', 'ap']] as const) planner.endpoint(id, region);
    const event = planner.accept('evt_1');
    planner.log.willBe('stored', 'lost');
    await expect(plan(event)).rejects.toThrow('no ack');
    await restart();
    await plan(event);
    expect(planner.plans()).toEqual([
      ['evt_1', 'us', 'a', 3],
      ['evt_1', 'eu', 'b', 3],
      ['evt_1', 'ap', 'c', 3],
    ]);
    await restart();
    expect(planned.isWhole(event.seq)).toBe(true);
  });

  it('leaves out endpoints of a plan seen before, also when the missing ones are routed to the same region now', async () => {
    planner.endpoint('a');
    planner.endpoint('b', 'eu');
    const event = planner.accept('evt_1');
    planner.log.willBe('stored', 'lost');
    await expect(plan(event)).rejects.toThrow('no ack');
    planner.die();
    planner.records.set('eu', regionRecord('eu', 'failed'));
    await plan(event);
    expect(planner.plans()).toEqual([
      ['evt_1', 'us', 'a', 2],
      ['evt_1', 'us', 'b', 2],
    ]);
    await restart();
    expect(planned.isWhole(event.seq)).toBe(true);
  });

  it('does not add an endpoint that was registered after the event was planned as a whole', async () => {
    planner.endpoint('a');
    const event = planner.accept('evt_1');
    await plan(event);
    planner.endpoint('late');
    await restart();
    await plan(event);
    expect(planner.plans()).toEqual([['evt_1', 'us', 'a', undefined]]);
  });

  it('repeats a plan with unknown outcome as it was, wherever it would go now', async () => {
    planner.endpoint('a', 'eu');
    const event = planner.accept('evt_1');
    planner.log.willBe('unanswered');
    await expect(plan(event)).rejects.toThrow('no ack');
    planner.records.set('eu', regionRecord('eu', 'failed'));
    await plan(event);
    expect(planner.plans()).toEqual([['evt_1', 'eu', 'a', undefined]]);
  });

  it('does not repeat it when the own output told meanwhile that it was stored', async () => {
    planner.endpoint('a', 'eu');
    planner.endpoint('b');
    const event = planner.accept('evt_1');
    planner.log.willBe('unanswered');
    await expect(plan(event)).rejects.toThrow('no ack');
    for (const head of planner.log.plans()) planned.notePlan(head);
    planner.log.forgetIds();
    await plan(event);
    expect(planner.plans()).toEqual([
      ['evt_1', 'eu', 'a', 2],
      ['evt_1', 'us', 'b', 2],
    ]);
  });
});

describe('events of one correlation', () => {
  const regionOf = async (planner: PlannerInMemory, eventId: string, correlationId?: string): Promise<string | undefined> => {
    const change = correlationId === undefined ? {} : { correlationId };
    await planner.appender.appendMissing(toPlan(planner.accept(eventId, change)), new PlannedEvents(100));
    return planner.plans().at(-1)?.[1];
  };

  it('follow each other although spilling ends or begins; the others go where there is room', async () => {
    const planner = new PlannerInMemory('us', { sticky: new StickyRegions() });
    planner.endpoint('a');
    expect(await regionOf(planner, 'evt_1', 'before')).toBe('us');
    planner.spilling.add('us');
    expect(await regionOf(planner, 'evt_2', 'order-1')).toBe('eu');
    expect(await regionOf(planner, 'evt_3', 'before')).toBe('us');
    expect(await regionOf(planner, 'evt_4')).toBe('eu');
    planner.spilling.clear();
    expect(await regionOf(planner, 'evt_5', 'order-1')).toBe('eu');
    expect(await regionOf(planner, 'evt_6')).toBe('us');
    planner.records.set('eu', regionRecord('eu', 'failed'));
    expect(await regionOf(planner, 'evt_7', 'order-1')).toBe('us');
  });

  it('do not stick to who stood in for a failed region', async () => {
    const planner = new PlannerInMemory('us', { sticky: new StickyRegions() });
    planner.endpoint('a', 'eu');
    planner.records.set('eu', regionRecord('eu', 'failed'));
    expect(await regionOf(planner, 'evt_1', 'order-1')).toBe('us');
    planner.records.delete('eu');
    expect(await regionOf(planner, 'evt_2', 'order-1')).toBe('eu');
  });
});

const ABOUT = { eventId: '', tenantId: '', eventType: '', version: 0 };
