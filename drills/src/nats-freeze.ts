import { monotonicMs, pause, Progress } from '@waybill/bench';
import type { KillAnyOptions } from './kill-any.ts';
import { type DrillResult, resultOf } from './result.ts';
import { type Rig, withRig } from './rig.ts';
import { finding } from './proof.ts';
import { settle } from './settle.ts';

const BEFORE_MS = 3_000;
const FROZEN_MS = 5_000;
const RECOVERY_BUDGET_MS = 20_000;
/** The door has 2 s to say no; the rest is for a busy machine between it and the sender. */
const REFUSAL_BUDGET_MS = 2_000 + 500;

/** Stops nats-server without ending it: connections stay open and nothing answers. The ingress must say so in time, and all must go on afterwards. */
export function natsFreeze(options: Omit<KillAnyOptions, 'kills' | 'seed'>): Promise<DrillResult> {
  return withRig(options, async (rig) => {
    const progress = new Progress(() => `accepted ${rig.sender.counts.accepted}, answers ${JSON.stringify(rig.sender.counts.answers)}`);
    try {
      rig.sender.start();
      await pause(BEFORE_MS);
      const acceptedWhileFrozen = await freeze(rig);
      const recoveredAfterMs = await untilAccepting(rig);
      await pause(BEFORE_MS);
      const settled = await settle(rig, progress);
      const { answers, slowestRefusalMs } = rig.sender.counts;
      const findings = [
        ...settled.findings,
        ...finding('accepted while nothing could be stored', acceptedWhileFrozen === 0 ? [] : [String(acceptedWhileFrozen)]),
        ...finding('not refused with 503', (answers['503'] ?? 0) > 0 ? [] : [JSON.stringify(answers)]),
        ...finding('refused too late', slowestRefusalMs > REFUSAL_BUDGET_MS ? [`after ${slowestRefusalMs} ms`] : []),
        ...finding('did not recover by itself', recoveredAfterMs === null ? [`within ${RECOVERY_BUDGET_MS} ms`] : []),
      ];
      return { ...resultOf('nats-freeze', rig, { ...settled, findings }), frozenMs: FROZEN_MS, slowestRefusalMs, recoveredAfterMs };
    } finally {
      progress.close();
    }
  });
}

/** Returns how many events were accepted while the server stood still, beyond the moment that acks on their way need. */
async function freeze({ sender, stack }: Rig): Promise<number> {
  const pid = stack.region().pids['nats'];
  if (pid === undefined) throw new Error('no nats-server runs');
  process.kill(pid, 'SIGSTOP');
  try {
    await pause(500);
    const before = sender.counts.accepted;
    await pause(FROZEN_MS - 500);
    return sender.counts.accepted - before;
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

/** Milliseconds until events are accepted again; null when that takes longer than the budget. */
export async function untilAccepting({ sender }: Pick<Rig, 'sender'>): Promise<number | null> {
  const startMs = monotonicMs();
  const before = sender.counts.accepted;
  while (monotonicMs() - startMs < RECOVERY_BUDGET_MS) {
    if (sender.counts.accepted > before) return Math.round(monotonicMs() - startMs);
    await pause(20);
  }
  return null;
}
