import { pause, Progress } from '@waybill/bench';
import { killSchedule } from './kill-schedule.ts';
import { type Kill, killOnSchedule, notBackOf } from './killing.ts';
import { type DrillResult, resultOf } from './result.ts';
import { type Rig, withRig } from './rig.ts';
import { finding } from './proof.ts';
import { settle } from './settle.ts';

export interface KillAnyOptions {
  readonly kills: number;
  readonly ratePerSecond: number;
  readonly failingPercent: number;
  readonly seed: number;
  readonly dataDir?: string | undefined;
}

const WARM_UP_MS = 2_000;
/** Most that a dispatcher holds of each consumer, for kills at which NATS could not be asked. */
const IN_HAND_AT_MOST = 1_024;

/** Kills random processes at random moments under load, lets the supervisor start them again, and compares what was accepted with everything else. */
export function killAny(options: KillAnyOptions): Promise<DrillResult> {
  return withRig(options, async (rig) => {
    const progress = new Progress(() => describe(rig, kills));
    const kills: Kill[] = [];
    try {
      await killAll(rig, options, kills);
      const settled = await settle(rig, progress);
      const bound = mostRepeats(kills, rig.wiring.fanOut, options.ratePerSecond);
      const { repeated } = settled.comparison;
      const findings = [
        ...settled.findings,
        ...finding('more repeats than were in flight', repeated > bound ? [`${repeated} of at most ${bound}`] : []),
        ...notBackOf(kills),
      ];
      const { kills: count, ratePerSecond, failingPercent, seed } = options;
      const settings = { kills: count, ratePerSecond, failingPercent, seed };
      return { ...resultOf('kill-any', rig, { ...settled, findings }), settings, mostRepeats: bound, kills };
    } finally {
      progress.close();
    }
  });
}

async function killAll(rig: Rig, { kills: count, seed }: KillAnyOptions, kills: Kill[]): Promise<void> {
  rig.sender.start();
  await pause(WARM_UP_MS);
  await killOnSchedule(rig, killSchedule(count, seed), kills);
}

/**
 * How many repeats kills may explain: what the dispatcher had in hand when it or NATS was killed may have been answered with 2xx and not yet
 * recorded; a second's worth of new work may have come in between asking and killing.
 */
export function mostRepeats(kills: readonly Pick<Kill, 'target' | 'inFlight'>[], fanOut: number, ratePerSecond: number): number {
  const exposing = kills.filter(({ target }) => target === 'dispatcher' || target === 'nats');
  return exposing.reduce((sum, { inFlight }) => sum + ((inFlight ?? IN_HAND_AT_MOST) + ratePerSecond) * fanOut, 0);
}

function describe({ receiver, sender }: Rig, kills: readonly Kill[]): string {
  const { accepted, retried, started } = sender.counts;
  const last = kills.at(-1);
  const killed = last === undefined ? '' : `, last ${last.target}, back after ${last.backAfterMs ?? '?'} ms`;
  return `started ${started}, accepted ${accepted} (${retried} needed another try), delivered ${receiver.counts().succeeded}; killed ${kills.length}${killed}`;
}
