import { type DueDelivery, newJobId } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { HISTORY_MS } from '../../domain/dispatch/dispatch-index.ts';
import { type Death, DispatchProcess, MemoryWorld, SETTINGS, START_MS, type Treatment } from './testing/dispatch-process.ts';
import { plannedDelivery, type PlannedDelivery } from './testing/planned.ts';

const HOUR_MS = 3_600_000;

/** Works on a delivery, and on all that is scheduled for it, until it ends; time goes on to each schedule. Resolves with whether the process died. */
async function workOff(process: DispatchProcess, plan: PlannedDelivery, first: DueDelivery = plan.due, isRepeat = false): Promise<boolean> {
  const { world } = process;
  let due: DueDelivery | undefined = first;
  for (let round = 0; due !== undefined && round < 50; round += 1) {
    const before = world.due.length;
    if ((await process.work(due, plan, isRepeat || round > 0)) === 'died') return true;
    const next = world.due.slice(before).at(-1);
    if (next !== undefined) world.nowMs = Math.max(world.nowMs, next.dueMs);
    due = next?.due;
  }
  return false;
}

const oneOf = (...treatments: Treatment[]) => {
  const world = new MemoryWorld();
  world.treatments.push(...treatments);
  return { world, plan: plannedDelivery(START_MS, 1), process: new DispatchProcess(world) };
};
const limited = { kind: 'limited', retryAfterMs: 90_000, detail: 'slow down', httpStatus: 403 } as const;

describe('a dispatch', () => {
  it('is intended, made, settled and told, in this order', async () => {
    const { world, plan, process } = oneOf();
    await workOff(process, plan);
    expect(process.steps).toEqual(['intended', 'call', 'settled', 'attempted']);
    expect(world.attempted).toMatchObject([{ outcome: { kind: 'accepted', run: { id: world.runs[0]?.id } }, next: { kind: 'delivered' } }]);
    expect(world.facts.map(({ scope, fact }) => [scope, fact.key])).toEqual(['intended', 'settled'].map(() => ['g', plan.target.key]));
  });

  it('keeps its scope', async () => {
    const world = new MemoryWorld();
    await workOff(new DispatchProcess(world), plannedDelivery(START_MS, 1, { scope: 'l' }));
    expect([...world.facts, ...world.attempted].map(({ scope }) => scope)).toEqual(['l', 'l', 'l']);
  });

  it.each([
    [{ kind: 'refused', reason: 'ref_not_found', detail: 'No ref found', httpStatus: 422 }, 'ref_not_found'],
    [{ kind: 'refused', reason: 'permission_missing', detail: 'not accessible', httpStatus: 403 }, 'permission_missing'],
    [{ kind: 'moved', detail: 'renamed', httpStatus: 307 }, 'target_moved'],
  ] as const)('that GitHub will not take ends at once: %o', async (answer, reason) => {
    const { world, plan, process } = oneOf(answer);
    await workOff(process, plan);
    expect([world.said(plan.due.deliveryId), world.ends(plan.due.deliveryId), world.calls]).toEqual([[reason], [reason], 1]);
  });

  it('that did not reach GitHub is released, and called again as the schedule says, to its end', async () => {
    const away = { kind: 'unreached', detail: 'refused' } as const;
    const { world, plan, process } = oneOf(away, away, away);
    await workOff(process, plan);
    expect(world.facts.filter(({ fact }) => 'outcome' in fact && fact.outcome.kind === 'released')).toHaveLength(4);
    expect(world.ends(plan.due.deliveryId)).toEqual(['attempts_exhausted']);
    expect(world.nowMs - START_MS).toBe(35_000);
  });

  it('whose answer was lost is found, and never called again (55)', async () => {
    const { world, plan, process } = oneOf('lost-after');
    await workOff(process, plan);
    expect(world.said(plan.due.deliveryId)).toEqual(['outcome_unknown', 'accepted']);
    expect([world.calls, world.attempted.at(-1)?.outcome]).toMatchObject([1, { run: { id: world.runs[0]?.id } }]);
  });

  it('whose run is nowhere ends when the window is over, after several looks (56)', async () => {
    const { world, plan, process } = oneOf('lost-before');
    await workOff(process, plan);
    expect(world.ends(plan.due.deliveryId)).toEqual(['github_unavailable']);
    expect([world.calls, world.listed >= 3, world.nowMs - START_MS >= SETTINGS.reconcileMs]).toEqual([1, true, true]);
  });

  it('is looked for as long as GitHub cannot be asked', async () => {
    const { world, plan, process } = oneOf('lost-after');
    world.listing = () =>
      (world.nowMs < START_MS + HOUR_MS ? { kind: 'away', detail: '502' } : undefined) ?? { kind: 'listed', runs: world.runs };
    for (let round = 0; round < 10; round += 1) await workOff(process, plan, world.due.at(-1)?.due ?? plan.due, round > 0);
    expect([world.ends(plan.due.deliveryId), world.calls]).toEqual([['delivered'], 1]);
  });

  it('waits for GitHub’s limits without using up attempts, and its lane with it (57)', async () => {
    const { world, plan, process } = oneOf(limited, limited, limited, limited);
    await workOff(process, plan);
    expect(world.said(plan.due.deliveryId)).toEqual(['rate_limited', 'rate_limited', 'rate_limited', 'rate_limited', 'accepted']);
    expect([world.effects(plan.target.key), world.paused.get('github:acme')]).toEqual([1, START_MS + 4 * 90_000]);
  });

  it('ends when GitHub limits it for too long', async () => {
    const { world, plan, process } = oneOf(...Array.from({ length: 20 }, (): Treatment => limited));
    await workOff(process, plan);
    expect(world.ends(plan.due.deliveryId)).toEqual(['rate_limit_exhausted']);
  });

  it('that waited in a paused lane for too long ends too, without a call', async () => {
    const { world, plan, process } = oneOf();
    world.paused.set('github:acme', START_MS + 5_000);
    await process.work({ ...plan.due, parked: 9, limitedSinceMs: START_MS - SETTINGS.limitedForMs }, plan, true);
    expect([world.ends(plan.due.deliveryId), world.calls]).toEqual([['rate_limit_exhausted'], 0]);
  });

  it('waits without a mark when its lane was paused while it waited for its turn', async () => {
    const { world, plan: first, process } = oneOf(limited);
    const second = plannedDelivery(START_MS, 2);
    await Promise.all([first, second].map((plan) => process.work(plan.due, plan, false)));
    expect([world.said(second.due.deliveryId), world.calls]).toEqual([[], 1]);
    expect(world.due.at(-1)).toMatchObject({
      due: { deliveryId: second.due.deliveryId, limitedSinceMs: START_MS },
      dueMs: START_MS + 91_000,
    });
  });

  it('is asked about again when it was decided a while ago (59)', async () => {
    const { world, plan, process } = oneOf();
    world.consentIs = { kind: 'denied', denial: { reason: 'inbound_not_authorized', detail: 'revoked' } };
    world.nowMs += SETTINGS.recheckAfterMs + 1;
    await workOff(process, plan);
    expect([world.ends(plan.due.deliveryId), world.calls, process.steps]).toEqual([
      ['inbound_not_authorized'],
      0,
      ['consent', 'settled', 'attempted'],
    ]);
  });

  it('is not made when it is older than what is remembered', async () => {
    const { world, plan, process } = oneOf();
    world.nowMs += HISTORY_MS + 1_000;
    await workOff(process, plan);
    expect([world.ends(plan.due.deliveryId), world.calls]).toEqual([['github_unavailable'], 0]);
  });

  it('of another process of the region is left to that one', async () => {
    const { world, plan, process } = oneOf();
    const other = new DispatchProcess(world);
    await Promise.all([workOff(process, plan), workOff(other, plan)]);
    expect([world.effects(plan.target.key), world.calls]).toEqual([1, 1]);
  });

  it('is not made by a process that lost NATS for so long that another one of the region made it', async () => {
    const { world, plan, process } = oneOf();
    process.beforeIntent = async () => {
      world.nowMs += 180_000;
      await workOff(new DispatchProcess(world), plan, plan.due, true);
      process.beforeIntent = undefined;
    };
    await workOff(process, plan);
    expect([world.effects(plan.target.key), world.calls, process.steps.includes('call')]).toEqual([1, 1, false]);
    expect(world.ends(plan.due.deliveryId)).toEqual(['delivered', 'delivered']);
  });

  it('is made by a process that lost NATS when nobody else did it meanwhile', async () => {
    const { world, plan, process } = oneOf();
    process.beforeIntent = () => Promise.resolve(void (world.nowMs += 180_000));
    await workOff(process, plan);
    expect([world.effects(plan.target.key), world.ends(plan.due.deliveryId)]).toEqual([1, ['delivered']]);
  });
});

describe('dispatches of one workflow and ref', () => {
  it('wait while one of them is unknown, with one mark each, and each happens once', async () => {
    const { world, plan: first, process } = oneOf('lost-after');
    const others = [2, 3].map((n) => plannedDelivery(START_MS, n));
    const elsewhere = plannedDelivery(START_MS, 4, { ref: 'release' });
    const plans = [first, ...others, elsewhere];
    await Promise.all(plans.map((plan) => process.work(plan.due, plan, false)));
    expect(world.calls).toBe(2);
    const waits = others.map(({ due }) => world.due.find((one) => one.due.deliveryId === due.deliveryId)?.due ?? due);
    for (const [place, plan] of others.entries()) await process.work(waits[place] ?? plan.due, plan, true);
    expect(others.map(({ due }) => world.said(due.deliveryId))).toEqual([['waiting_for_other'], ['waiting_for_other']]);
    world.nowMs += 5_000;
    await workOff(process, first, world.due.find(({ due }) => due.deliveryId === first.due.deliveryId)?.due, true);
    for (const [place, plan] of others.entries()) await workOff(process, plan, waits[place], true);
    expect(plans.map(({ target }) => world.effects(target.key))).toEqual([1, 1, 1, 1]);
    const told = world.attempted.flatMap(({ outcome }) => (outcome.kind === 'accepted' ? [outcome.run?.id] : []));
    expect(new Set(told).size).toBe(4);
  });

  it('leave no mark when they only wait for a call that is under way', async () => {
    const { world, plan: first, process } = oneOf();
    const second = plannedDelivery(START_MS, 2);
    const answer = Promise.withResolvers<void>();
    const start = world.start.bind(world);
    world.start = async (target, signal) => {
      await answer.promise;
      return start(target, signal);
    };
    const [one, two] = [workOff(process, first), new Promise((resolve) => setImmediate(resolve)).then(() => workOff(process, second))];
    await new Promise((resolve) => setTimeout(resolve, 5));
    answer.resolve();
    await Promise.all([one, two]);
    expect([first, second].map(({ due }) => world.said(due.deliveryId))).toEqual([['accepted'], ['accepted']]);
  });

  it('are not taken for one another where GitHub names no run', async () => {
    const { world, plan: first, process } = oneOf();
    const second = plannedDelivery(START_MS, 2);
    const named = world.start.bind(world);
    world.start = async (target, signal) => {
      const answer = await named(target, signal);
      return answer.kind === 'started' ? { kind: 'started', httpStatus: 204 } : answer;
    };
    await workOff(process, first);
    world.treatments.push('lost-before');
    await workOff(process, second);
    expect([world.ends(first.due.deliveryId), world.ends(second.due.deliveryId)]).toEqual([['delivered'], ['github_unavailable']]);
  });
});

describe('a region that may not deliver any more', () => {
  it('does not call when it learns of it after the intent, and says that nothing was called', async () => {
    const { world, plan, process } = oneOf();
    const { push } = world.facts;
    world.facts.push = (...facts) => {
      process.permission.open = false;
      return push.apply(world.facts, facts);
    };
    expect(await process.work(plan.due, plan, false)).toBe('forbidden');
    expect([world.calls, process.steps]).toEqual([0, ['intended', 'settled']]);
    expect(process.index.of(plan.target.key).openSinceMs).toBeUndefined();
  });

  it('does not know what became of a call that was cut off', async () => {
    const { world, plan, process } = oneOf();
    world.duringCall = () => process.permission.cut();
    await process.work(plan.due, plan, false);
    expect([world.said(plan.due.deliveryId), world.effects(plan.target.key)]).toEqual([['outcome_unknown'], 1]);
    expect(process.index.of(plan.target.key)).toMatchObject({ isUnknown: true, openSinceMs: START_MS });
  });
});

const DEATHS: Death[] = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((nth) => [
  { nth, when: 'before' },
  { nth, when: 'after' },
]);
const CASES = DEATHS.flatMap((death) =>
  (['answer', 'lost-after', 'lost-before', limited] as const).map((treatment) => ({ death, treatment })),
);

describe('a process that dies', () => {
  it.each(CASES)(
    '$death.when step $death.nth, with $treatment, has called at most once, and its delivery has one end',
    async ({ death, treatment }) => {
      const { world, plan } = oneOf(treatment);
      const first = new DispatchProcess(world, 'us', death);
      await workOff(first, plan);
      world.nowMs += 1_000;
      const second = new DispatchProcess(world);
      // The message was not settled, and schedules that were stored fire.
      for (const due of [plan.due, ...world.due.map((one) => one.due)]) await workOff(second, plan, due, true);
      expect([world.effects(plan.target.key) <= 1, world.ends(plan.due.deliveryId)]).toEqual([true, [expect.any(String)]]);
      if (world.effects(plan.target.key) === 1) expect(world.ends(plan.due.deliveryId)).toEqual(['delivered']);
      if (treatment === 'answer' && death.nth > 1) expect([...first.steps].slice(0, 2)).toEqual(['intended', 'call']);
    },
  );
});

describe('a region that stands in for another one', () => {
  const takenOver = (world: MemoryWorld, { due }: PlannedDelivery): DueDelivery => {
    const last = world.attempted.findLast(({ deliveryId }) => deliveryId === due.deliveryId)?.attempt ?? 0;
    return { ...due, attempt: last + 1, uncounted: last, lookFirst: true };
  };

  it.each(CASES.flatMap((one) => [true, false].map((replicated) => ({ ...one, replicated }))))(
    'which died $death.when step $death.nth, with $treatment, replicated: $replicated, calls only what was not called',
    async ({ death, treatment, replicated }) => {
      const { world, plan } = oneOf(treatment);
      await workOff(new DispatchProcess(world, 'us', death), plan);
      if (world.ends(plan.due.deliveryId).length > 0) return;
      world.replicatedTo = replicated ? Number.POSITIVE_INFINITY : 0;
      world.nowMs += 20_000;
      await workOff(new DispatchProcess(world, 'eu'), plan, takenOver(world, plan), true);
      expect([world.effects(plan.target.key) <= 1, world.ends(plan.due.deliveryId)]).toEqual([true, [expect.any(String)]]);
      if (world.effects(plan.target.key) === 1) expect(world.ends(plan.due.deliveryId)).toEqual(['delivered']);
    },
  );

  it('takes a run for what was planned first, in whatever order it comes by, and calls the others', async () => {
    const world = new MemoryWorld();
    const plans = [1, 2, 3].map((n) => plannedDelivery(START_MS + n, n));
    for (const plan of plans.slice(0, 2)) await workOff(new DispatchProcess(world, 'us'), plan);
    world.replicatedTo = 0;
    world.attempted.length = 0;
    const eu = new DispatchProcess(world, 'eu');
    for (let round = 0; round < 8; round += 1) {
      for (const plan of plans.toReversed()) {
        if (world.ends(plan.due.deliveryId).length === 0) await eu.work(takenOver(world, plan), plan, true);
      }
      world.nowMs += 2_000;
    }
    expect(plans.map(({ target }) => world.effects(target.key))).toEqual([1, 1, 1]);
    const runOf = ({ due }: PlannedDelivery) => world.attempted.find(({ deliveryId }) => deliveryId === due.deliveryId)?.outcome;
    expect(plans.map(runOf)).toMatchObject(
      plans.map(({ target }) => ({ run: { id: world.runs.find(({ key }) => key === target.key)?.id } })),
    );
  });

  it('does not take the run of a dispatch that is known for that of another', async () => {
    const { world, plan: known } = oneOf();
    const lost = plannedDelivery(START_MS, 2);
    await workOff(new DispatchProcess(world, 'us'), known);
    await workOff(new DispatchProcess(world, 'eu'), lost, takenOver(world, lost), true);
    expect([world.effects(lost.target.key), world.ends(lost.due.deliveryId)]).toEqual([1, ['delivered']]);
    expect(new Set(world.attempted.map(({ outcome }) => (outcome.kind === 'accepted' ? outcome.run?.id : '')))).toHaveProperty('size', 2);
  });

  it('leaves a run alone that a living region has just started, until the word of that has arrived, and then calls', async () => {
    const world = new MemoryWorld();
    const [waits, others] = [plannedDelivery(START_MS, 1), plannedDelivery(START_MS + 1, 2)];
    const eu = new DispatchProcess(world, 'eu');
    // The region that came back calls for an event of its own; its facts are on their way.
    await workOff(new DispatchProcess(world, 'us'), others);
    [world.replicatedTo, world.heardToMs] = [0, START_MS];
    for (let round = 0; round < 6; round += 1) {
      await eu.work(takenOver(world, waits), waits, true);
      world.nowMs += 2_000;
    }
    expect([world.ends(waits.due.deliveryId), world.effects(waits.target.key)]).toEqual([[], 0]);
    [world.replicatedTo, world.heardToMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    await workOff(eu, waits, takenOver(world, waits), true);
    expect([world.ends(waits.due.deliveryId), world.effects(waits.target.key)]).toEqual([['delivered'], 1]);
    expect(world.effects(others.target.key)).toBe(1);
  });

  it('does not wait for ever for a region that is not heard of', async () => {
    const { world, plan } = oneOf();
    await workOff(new DispatchProcess(world, 'us'), plan);
    world.attempted.length = 0;
    [world.replicatedTo, world.heardToMs] = [0, 0];
    world.nowMs += 20_000;
    await workOff(new DispatchProcess(world, 'eu'), plan, takenOver(world, plan), true);
    expect([world.ends(plan.due.deliveryId), world.effects(plan.target.key)]).toEqual([['delivered'], 1]);
  });

  it('asks the target again, and calls nothing while GitHub lists no runs', async () => {
    const { world, plan } = oneOf();
    const process = new DispatchProcess(world, 'eu');
    world.listing = () => ({ kind: 'away', detail: '502' });
    await process.work(takenOver(world, plan), plan, true);
    expect([world.said(plan.due.deliveryId), world.calls]).toEqual([['connection_failed'], 0]);
    world.listing = undefined;
    world.consentIs = { kind: 'denied', denial: { reason: 'operator_paused', detail: 'paused' } };
    await process.work({ ...takenOver(world, plan) }, plan, true);
    expect([world.ends(plan.due.deliveryId), world.calls]).toEqual([['operator_paused'], 0]);
  });
});

describe('a dispatch that an operator asks for again', () => {
  /** What became of the first one, and the second one after `laterMs`. */
  const repeated = async (laterMs: number, ...treatments: Treatment[]) => {
    const { world, plan: first, process } = oneOf(...treatments);
    if (treatments[0] === 'lost-after') world.listing = () => ({ kind: 'listed', runs: [] });
    await workOff(process, first);
    world.listing = undefined;
    world.nowMs += laterMs;
    const plan = plannedDelivery(world.nowMs, 2, { repeats: first.target.key });
    const due = { ...plan.due, eventId: first.due.eventId, replay: newJobId(world.nowMs, new Uint8Array(10)) };
    return { world, first, plan: { ...plan, due } };
  };

  it('is called when the first one did not work out, however long ago that was', async () => {
    const refused = { kind: 'refused', reason: 'ref_not_found', detail: 'No ref found', httpStatus: 422 } as const;
    const { world, plan } = await repeated(2 * HISTORY_MS, refused);
    await workOff(new DispatchProcess(world), plan);
    expect([world.ends(plan.due.deliveryId), world.effects(plan.target.key), world.calls]).toEqual([['delivered'], 1, 2]);
  });

  it('takes the run of the first one when it turns out to have started one', async () => {
    const { world, first, plan } = await repeated(HOUR_MS, 'answer');
    await workOff(new DispatchProcess(world), plan);
    expect([world.ends(plan.due.deliveryId), world.calls]).toEqual([['delivered'], 1]);
    expect(world.attempted.at(-1)?.outcome).toMatchObject({ run: { id: world.runs[0]?.id } });
    expect(world.effects(first.target.key)).toBe(1);
    expect(world.facts.at(-1)?.fact).toMatchObject({ key: plan.target.key, outcome: { kind: 'started', how: 'found' } });
  });

  it('looks for the run of the first one where that is not known, and calls only when there is none', async () => {
    const found = await repeated(HOUR_MS, 'lost-after');
    expect(found.world.ends(found.first.due.deliveryId)).toEqual(['github_unavailable']);
    await workOff(new DispatchProcess(found.world), found.plan);
    expect([found.world.ends(found.plan.due.deliveryId), found.world.calls]).toEqual([['delivered'], 1]);
    const none = await repeated(HOUR_MS, 'lost-before');
    await workOff(new DispatchProcess(none.world), none.plan);
    expect([none.world.ends(none.plan.due.deliveryId), none.world.calls]).toEqual([['delivered'], 2]);
  });

  it('is never called twice, wherever its process dies', async () => {
    for (let nth = 1; nth <= 6; nth += 1) {
      for (const when of ['before', 'after'] as const) {
        const { world, plan } = await repeated(HOUR_MS, 'lost-before');
        const died = await workOff(new DispatchProcess(world, 'us', { nth, when }), plan);
        if (died) await workOff(new DispatchProcess(world), plan, plan.due, true);
        expect([nth, when, world.effects(plan.target.key) <= 1, world.calls <= 2]).toEqual([nth, when, true, true]);
      }
    }
  });
});
