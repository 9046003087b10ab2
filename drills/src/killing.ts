import { connect } from 'node:net';
import { isReady, monotonicMs, pause } from '@waybill/bench';
import type { PlannedKill, Target } from './kill-schedule.ts';
import { finding } from './proof.ts';
import type { Rig } from './rig.ts';

/** One kill, as it happened. */
export interface Kill {
  readonly target: Target;
  readonly pid: number;
  /** Since the first process was waited for, in ms. */
  readonly atMs: number;
  /** Plans and due retries that the dispatcher had in hand right before; null when NATS was away and could not be asked. */
  readonly inFlight: number | null;
  /** Until a new process was ready, in ms; null when none was within the budget. */
  readonly backAfterMs: number | null;
}

const POLL_MS = 50;
const BACK_BUDGET_MS = 60_000;
const ASK_BUDGET_MS = 500;

/** Kills process after process; adds each to `kills` when another one is ready in its place, and resolves when all are. */
export async function killOnSchedule(rig: Rig, schedule: readonly PlannedKill[], kills: Kill[]): Promise<void> {
  const startMs = monotonicMs();
  const backs: Promise<unknown>[] = [];
  for (const { target, waitMs } of schedule) {
    await pause(waitMs);
    const { back } = await killOne(rig, target, startMs);
    backs.push(back.then((kill) => kills.push(kill)));
  }
  await Promise.all(backs);
}

/** Findings about processes in whose place no other one became ready. */
export const notBackOf = (kills: readonly Kill[]): string[] =>
  finding(
    'not started again',
    kills.filter((kill) => kill.backAfterMs === null).map(({ target, atMs }) => `${target} at ${atMs} ms`),
  );

/** Kills one process with SIGKILL as soon as it runs. `back` resolves with the record when another one is ready in its place. */
export async function killOne(rig: Rig, target: Target, startMs: number): Promise<{ back: Promise<Kill> }> {
  const pid = await runningPid(rig, target);
  const inFlight = await dispatcherHolds(rig);
  process.kill(pid, 'SIGKILL');
  const killedMs = monotonicMs();
  const back = untilBack(rig, target, pid).then((isBack) => ({
    target,
    pid,
    atMs: Math.round(killedMs - startMs),
    inFlight,
    backAfterMs: isBack ? Math.round(monotonicMs() - killedMs) : null,
  }));
  return { back };
}

/**
 * Kills one process with SIGKILL right now and lets `meanwhile` do something before the supervisor notices. Resolves with the time until another one is ready,
 * in ms; null when none is within a minute.
 */
export async function killNow(rig: Rig, target: Target, meanwhile: () => void = () => undefined): Promise<number | null> {
  const pid = await runningPid(rig, target);
  process.kill(pid, 'SIGKILL');
  const killedMs = monotonicMs();
  meanwhile();
  return (await untilBack(rig, target, pid)) ? Math.round(monotonicMs() - killedMs) : null;
}

/** A process that was killed before may still be starting: the next kill waits until it runs. */
async function runningPid({ stack }: Rig, target: Target): Promise<number> {
  const deadline = monotonicMs() + BACK_BUDGET_MS;
  for (;;) {
    const pid = stack.region().pids[target];
    if (pid !== undefined && isRunning(pid)) return pid;
    if (monotonicMs() > deadline) throw new Error(`${target} does not run and is not started again`);
    await pause(POLL_MS);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function dispatcherHolds({ pipeline }: Rig): Promise<number | null> {
  try {
    return await Promise.race([pipeline.inHand(), pause(ASK_BUDGET_MS).then(() => null)]);
  } catch {
    return null;
  }
}

async function untilBack(rig: Pick<Rig, 'stack'>, target: Target, killedPid: number): Promise<boolean> {
  const deadline = monotonicMs() + BACK_BUDGET_MS;
  while (monotonicMs() < deadline) {
    const pid = rig.stack.region().pids[target];
    if (pid !== undefined && pid !== killedPid && (await answers(rig, target))) return true;
    await pause(POLL_MS);
  }
  return false;
}

/** Whether a process takes requests: nats-server greets, a service says that it is ready. */
export async function answers({ stack }: Pick<Rig, 'stack'>, target: Target): Promise<boolean> {
  const { natsUrl, services } = stack.region();
  return target === 'nats' ? greets(new URL(natsUrl)) : isReady(services[target] ?? '');
}

function greets({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const end = (isUp: boolean): void => {
      socket.destroy();
      resolve(isUp);
    };
    socket.once('data', () => end(true));
    socket.once('error', () => end(false));
    socket.setTimeout(1_000, () => end(false));
  });
}
