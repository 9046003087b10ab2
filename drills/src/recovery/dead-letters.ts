import { monotonicMs, pause } from '@waybill/bench';
import { z } from 'zod';
import type { Rig } from '../rig.ts';
import { untilIdle } from '../settle.ts';
import { ask, askPatiently, wanted } from './ask.ts';

/** Number of the endpoint whose receiver goes and comes back. */
export const SICK = 1;
const GONE = 410;
const FILL_BUDGET_MS = 900_000;
const POLL_MS = 100;
/** So long none may be added before the endpoint counts as well again everywhere. */
const CALM_MS = 2_000;
const CALM_BUDGET_MS = 120_000;

export interface DeadLettersWished {
  readonly count: number;
  /** Events a second until there are enough. */
  readonly fillRate: number;
  /** And from then on. */
  readonly ratePerSecond: number;
}

/** Id of the endpoint whose receiver goes and comes back. */
export function sickEndpoint({ wiring }: Pick<Rig, 'wiring'>): string {
  const id = wiring.endpointIds[SICK];
  if (id === undefined) throw new Error('the rig has too few endpoints');
  return id;
}

/**
 * Lets events wait for a dispatcher that stands still, while the receiver of one endpoint begins to answer 410 Gone: at the first answer the endpoint is disabled,
 * and what waits for it becomes dead letters. Then both are made well again, under load. Resolves with how many dead letters there are.
 */
export async function makeDeadLetters(rig: Rig, { count, fillRate, ratePerSecond }: DeadLettersWished): Promise<number> {
  await rig.receiver.refuse([SICK], GONE);
  signalDispatcher(rig, 'SIGSTOP');
  rig.sender.changeRate(fillRate);
  rig.sender.start();
  const deadline = monotonicMs() + FILL_BUDGET_MS;
  while (rig.sender.counts.accepted < count) {
    if (monotonicMs() > deadline) throw new Error(`only ${rig.sender.counts.accepted} events were accepted in time`);
    await pause(POLL_MS);
  }
  rig.sender.changeRate(0);
  signalDispatcher(rig, 'SIGCONT');
  await untilIdle(rig, { say: () => undefined });
  await rig.receiver.refuse([], GONE);
  const path = `/v1/tenants/${rig.wiring.tenant}/endpoints/${sickEndpoint(rig)}`;
  wanted(await ask(rig, 'PATCH', path, { disabled: false }), 200, z.unknown());
  rig.sender.changeRate(ratePerSecond);
  return untilCalm(rig);
}

function signalDispatcher({ stack }: Rig, signal: 'SIGSTOP' | 'SIGCONT'): void {
  const pid = stack.region().pids['dispatcher'];
  if (pid === undefined) throw new Error('no dispatcher runs');
  process.kill(pid, signal);
}

/** The dispatcher learns a moment later that an endpoint is well again. */
async function untilCalm(rig: Rig): Promise<number> {
  const startMs = monotonicMs();
  for (let [seen, sinceMs] = [0, startMs]; ; await pause(POLL_MS)) {
    const open = await openDeadLetters(rig);
    if (open !== seen) [seen, sinceMs] = [open, monotonicMs()];
    if (open > 0 && monotonicMs() - sinceMs > CALM_MS) return open;
    if (monotonicMs() - startMs > CALM_BUDGET_MS) throw new Error(`dead letters keep coming: ${open}`);
  }
}

const groupsSchema = z.object({ data: z.array(z.object({ endpointId: z.string().nullable(), count: z.number() })) });

/** How many dead letters are open, of all endpoints of the rig. */
export async function openDeadLetters(rig: Rig): Promise<number> {
  const answer = await askPatiently(rig, 'GET', `/v1/dead-letters/groups?tenantId=${rig.wiring.tenant}&limit=100`);
  return wanted(answer, 200, groupsSchema).data.reduce((sum, { count }) => sum + count, 0);
}
