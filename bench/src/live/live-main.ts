import { loadavg } from 'node:os';
import { Agent } from 'undici';
import { z } from 'zod';
import { untilInterrupted } from '../interruption.ts';
import { monotonicMs, pause } from '../measure/clock.ts';
import { commitOf, machine } from '../measure/machine.ts';
import { latenciesOf } from '../measure/percentile.ts';
import { usageOf } from '../measure/process-usage.ts';
import { Progress } from '../progress.ts';
import { saveResult } from '../result-file.ts';
import { adminApi, type CallApi } from '../stack/admin-api.ts';
import { type LocalStack, REPOSITORY, startStack } from '../stack/local-stack.ts';
import { Pipeline } from '../stack/pipeline.ts';
import { Follower } from './follower.ts';
import { HELP, type LiveOptions, parseLiveOptions } from './options.ts';

const TENANT = 'bench-live';
const PROCESSES = ['projector', 'ingress'] as const;
/** How long the last changes may take to be told, in ms. */
const SETTLE_MS = 20_000;
const ANSWER = z.object({ id: z.string() });

/** Changes something `rate` times a second; gives when each change was sent, by the id of its event. */
async function change(call: CallApi, { rate, seconds }: LiveOptions): Promise<Map<string, number>> {
  const startMs = monotonicMs();
  const sent = await Promise.all(
    Array.from({ length: rate * seconds }, async (_, n) => {
      await pause(Math.max(0, startMs + (n * 1_000) / rate - monotonicMs()));
      const atMs = monotonicMs();
      const answer = await call('POST', `/v1/tenants/${TENANT}/events`, { eventType: 'bench.changed', data: { n } });
      return [ANSWER.parse(answer).id, atMs] as const;
    }),
  );
  return new Map(sent);
}

/** What one process used of one core while the changes went on, and its memory. */
function usageSince(pids: Readonly<Record<string, number>>) {
  const look = () => PROCESSES.map((name) => [name, usageOf(pids[name] ?? 0)] as const);
  const [before, startMs] = [look(), monotonicMs()];
  return () => {
    const seconds = (monotonicMs() - startMs) / 1_000;
    const told = look().map(([name, usage], index) => {
      const cpuMs = (usage?.cpuMs ?? 0) - (before[index]?.[1]?.cpuMs ?? 0);
      const memory = { rssMiBBefore: mebibytes(before[index]?.[1]?.rssBytes), rssMiBAfter: mebibytes(usage?.rssBytes) };
      return [name, { cpuPercent: Math.round(cpuMs / seconds) / 10, ...memory }] as const;
    });
    return Object.fromEntries(told);
  };
}

const mebibytes = (bytes = 0): number => Math.round(bytes / 2 ** 20);

async function measure(stack: LocalStack, options: LiveOptions) {
  const { url, adminKey, pids } = stack.region();
  const call = adminApi({ url, adminKey });
  await call('PUT', `/v1/tenants/${TENANT}`, { name: TENANT });
  const dispatcher = new Agent({ connections: options.clients, bodyTimeout: 0 });
  const idle = usageSince(pids);
  const followers = Array.from({ length: options.clients }, () => new Follower({ url, adminKey, dispatcher }));
  const running = followers.map((follower) => follower.run());
  while (!followers.every(({ isPlaced }) => isPlaced)) await pause(50);
  const connecting = idle();
  const used = usageSince(pids);
  const thirdMs = (options.seconds * 1_000) / 3;
  const stalls = followers.slice(0, options.stalled).map(async (follower) => {
    await pause(thirdMs);
    await follower.stall(thirdMs);
  });
  const sent = await change(call, options);
  await Promise.all(stalls);
  const deadline = monotonicMs() + SETTLE_MS;
  while (missedBy(followers, sent) > 0 && monotonicMs() < deadline) await pause(50);
  const processes = used();
  for (const follower of followers) follower.stop();
  await Promise.all(running);
  await dispatcher.destroy();
  return { sent, followers, connecting, processes };
}

const missedBy = (followers: readonly Follower[], sent: ReadonlyMap<string, number>): number => {
  let missed = 0;
  for (const { seenAtMs } of followers) for (const id of sent.keys()) if (!seenAtMs.has(id)) missed += 1;
  return missed;
};

/** How long after a change was sent a client had it, of those who did not stall. */
function lagsOf(followers: readonly Follower[], sent: ReadonlyMap<string, number>): Float64Array {
  const lags: number[] = [];
  for (const { seenAtMs } of followers) {
    for (const [id, atMs] of sent) {
      const seen = seenAtMs.get(id);
      if (seen !== undefined) lags.push(seen - atMs);
    }
  }
  return Float64Array.from(lags);
}

const sumOf = (followers: readonly Follower[], of: (follower: Follower) => number): number =>
  followers.reduce((sum, follower) => sum + of(follower), 0);

async function natsVersionOf(stack: LocalStack): Promise<string> {
  const pipeline = await Pipeline.connect(stack.region());
  const { natsVersion } = pipeline;
  await pipeline.close();
  return natsVersion;
}

async function bench(options: LiveOptions): Promise<void> {
  const { clients, stalled, rate, seconds } = options;
  const progress = new Progress(() => `${clients} clients, ${rate} changes a second for ${seconds} s`);
  const stack = await startStack();
  try {
    const { sent, followers, processes, connecting } = await measure(stack, options);
    const [missed, expected] = [missedBy(followers, sent), sent.size * clients];
    const resets = sumOf(followers, (follower) => follower.resets);
    const cameBack = sumOf(followers, ({ connections }) => connections - 1);
    const frames = sumOf(followers, (follower) => follower.frames);
    const lagMs = latenciesOf(lagsOf(followers.slice(stalled), sent));
    const date = new Date().toISOString();
    const about = { date, commit: commitOf(REPOSITORY), machine: machine(await natsVersionOf(stack)), load: loadavg() };
    const settings = { clients, stalled, rate, seconds };
    const told = { expected, delivered: expected - missed, missed, resets, cameBack, frames };
    const file = saveResult('live', { ...about, settings, changes: sent.size, told, lagMs, connecting, processes }, options.out);
    console.log(`${told.delivered} of ${expected} changes told, ${missed} missed, ${resets} resets, ${cameBack} came back`);
    console.log(`lag p50 ${lagMs.p50.toFixed(0)} ms, p99 ${lagMs.p99.toFixed(0)} ms; ${JSON.stringify(processes)}; result in ${file}`);
    if (missed > 0 || resets > 0) process.exitCode = 1;
  } finally {
    progress.close();
    await stack.stop();
  }
}

try {
  const options = parseLiveOptions(process.argv.slice(2));
  if (options === undefined) console.log(HELP);
  else await untilInterrupted(bench(options));
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
