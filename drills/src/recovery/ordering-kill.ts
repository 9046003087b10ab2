import { join } from 'node:path';
import { pause, Progress, readRecords, REFUSED_FLAG, type EventRequest } from '@waybill/bench';
import { z } from 'zod';
import type { Target } from '../kill-schedule.ts';
import { killSchedule } from '../kill-schedule.ts';
import { mostRepeats } from '../kill-any.ts';
import { type Kill, killOnSchedule, notBackOf } from '../killing.ts';
import { PersistentSender } from '../persistent-sender.ts';
import { finding } from '../proof.ts';
import { type DrillResult, resultOf } from '../result.ts';
import { type Rig, withRig } from '../rig.ts';
import { settle } from '../settle.ts';
import { ask, wanted } from './ask.ts';
import { acceptedByKey } from './in-log.ts';
import { describe, type RecoveryOptions, settingsOf } from './redrive-kill.ts';

const KEYS = 5;
/** A refused event holds its key up for a second. */
const MOST_PER_SECOND = 20;
const TARGETS_OF_ORDER: readonly Target[] = ['dispatcher', 'planner', 'nats'];
const WARM_UP_MS = 2_000;

/** Both endpoints ask for events of a key in order; receivers refuse some, processes are killed, and the order at the receivers is that of the LOG. */
export function orderingKill(options: RecoveryOptions): Promise<DrillResult> {
  return withRig(options, async (standard) => {
    const ratePerSecond = Math.min(options.ratePerSecond, MOST_PER_SECOND);
    const rig = await inOrder(standard, ratePerSecond);
    const kills: Kill[] = [];
    const progress = new Progress(() => describe(rig, kills));
    try {
      rig.sender.start();
      await pause(WARM_UP_MS);
      await killOnSchedule(
        rig,
        killSchedule(options.kills, options.seed, options.target === undefined ? TARGETS_OF_ORDER : [options.target]),
        kills,
      );
      const settled = await settle(rig, progress);
      const bound = mostRepeats(kills, rig.wiring.fanOut, ratePerSecond);
      const wrong = await outOfOrder(rig);
      const findings = [
        ...settled.findings,
        ...finding('not in the order of the LOG', wrong.lines),
        ...finding(
          'more repeats than were in flight',
          settled.comparison.repeated > bound ? [`${settled.comparison.repeated} of ${bound}`] : [],
        ),
        ...notBackOf(kills),
      ];
      const figures = { keys: wrong.keys, comparedArrivals: wrong.arrivals, mostRepeats: bound };
      return {
        ...resultOf('ordering-kill', rig, { ...settled, findings }),
        settings: settingsOf({ ...options, ratePerSecond }),
        ...figures,
        kills,
      };
    } finally {
      progress.close();
    }
  });
}

/** The rig with endpoints that ask for order, and a sender that gives each event a key. */
async function inOrder(rig: Rig, ratePerSecond: number): Promise<Rig> {
  const { endpointIds, endpoints, tenant } = rig.wiring;
  for (const id of endpointIds)
    wanted(await ask(rig, 'PATCH', `/v1/tenants/${tenant}/endpoints/${id}`, { ordering: 'fifo' }), 200, z.unknown());
  await pause(WARM_UP_MS);
  const { url, adminKey } = rig.stack.region();
  const request = (n: number): EventRequest => ({
    method: 'POST',
    path: `/v1/tenants/${tenant}/events`,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}`, 'idempotency-key': `${tenant}_${n}` },
    body: JSON.stringify({ eventType: `bench.t${n % endpoints}`, orderingKey: `key-${n % KEYS}`, data: { n } }),
  });
  return { ...rig, sender: new PersistentSender({ url, ratePerSecond, eventTypes: endpoints, request }) };
}

interface OutOfOrder {
  readonly lines: readonly string[];
  readonly keys: number;
  readonly arrivals: number;
}

/** Per endpoint and key: arrivals, refused ones too, are the events in the order of the LOG, each once or several times in a row. */
async function outOfOrder(rig: Rig): Promise<OutOfOrder> {
  const byKey = await acceptedByKey(rig.pipeline);
  const keyOf = new Map([...byKey].flatMap(([key, ids]) => ids.map((id) => [id, key] as const)));
  const lanes = new Map<string, string[]>();
  let arrivals = 0;
  for (const { id, tag } of readRecords(join(rig.scratch, 'arrivals'))) {
    arrivals += 1;
    const lane = `${tag & ~REFUSED_FLAG} ${keyOf.get(id) ?? 'no key'}`;
    const seen = lanes.get(lane) ?? [];
    if (seen.at(-1) !== id) seen.push(id);
    lanes.set(lane, seen);
  }
  const lines = [...lanes].flatMap(([lane, seen]) => {
    const owed = byKey.get(lane.slice(lane.indexOf(' ') + 1)) ?? [];
    const at = owed.findIndex((id, index) => seen[index] !== id);
    if (at < 0 && seen.length === owed.length) return [];
    return [`endpoint ${lane}: ${seen[at < 0 ? owed.length : at]} came where ${owed[at] ?? 'nothing'} was due`];
  });
  return { lines, keys: byKey.size, arrivals };
}
