import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePortBlock, pause, REPOSITORY } from '@waybill/bench';
import { findPrometheus } from '@waybill/testkit';
import { z } from 'zod';
import type { SeenAlert } from './alert-book.ts';
import { scaleRules } from './scale-rules.ts';

/** What Prometheus collects from: one process, with its labels. */
export interface Target {
  readonly job: 'waybill' | 'waybill-canary';
  /** `host:port` */
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface PrometheusOptions {
  /** Empty folder for its configuration and data. */
  readonly folder: string;
  readonly targets: readonly Target[];
  /** Between two collections, and between two evaluations. */
  readonly intervalMs: number;
  /** By how much the rules' own durations are divided. */
  readonly factor: number;
}

/** A real Prometheus with the rules of `infra/prometheus`. */
export interface PrometheusServer {
  /** Alerts that are pending or firing now. */
  alerts(): Promise<readonly SeenAlert[]>;
  /** Addresses that it cannot collect from now. */
  down(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const RULES = ['recording.yml', 'alerts.yml'] as const;
const READY_BUDGET_MS = 60_000;
const ANSWER_MS = 5_000;
const STOP_BUDGET_MS = 5_000;
const POLL_MS = 100;

const alertsSchema = z.object({
  data: z.object({
    alerts: z.array(z.object({ labels: z.record(z.string(), z.string()), state: z.enum(['pending', 'firing']), activeAt: z.string() })),
  }),
});
const targetsSchema = z.object({
  data: z.object({ activeTargets: z.array(z.object({ health: z.string(), labels: z.object({ instance: z.string() }) })) }),
});

/** Starts it on a free port of loopback; resolves when it is ready. Throws with what it said when it is not within a minute. */
export async function startPrometheus(options: PrometheusOptions): Promise<PrometheusServer> {
  const { folder } = options;
  const binary = await findPrometheus();
  mkdirSync(folder, { recursive: true });
  for (const file of RULES)
    writeFileSync(join(folder, file), scaleRules(readFileSync(join(REPOSITORY, 'infra/prometheus', file), 'utf8'), options.factor));
  const config = join(folder, 'prometheus.yml');
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(configOf(options)));
  const port = await freePortBlock(1);
  const url = `http://127.0.0.1:${port}`;
  const data = join(folder, 'data');
  const args = [`--config.file=${config}`, `--storage.tsdb.path=${data}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'];
  const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const gone = once(child, 'exit');
  gone.catch((error: unknown) => said.push(String(error)));
  const close = async (): Promise<void> => {
    const killer = setTimeout(() => child.kill('SIGKILL'), STOP_BUDGET_MS);
    child.kill('SIGTERM');
    await gone;
    clearTimeout(killer);
  };
  try {
    await Promise.race([untilReady(url), gone.then(() => Promise.reject(new Error('it ended')))]);
  } catch (error) {
    if (child.exitCode === null) await close();
    throw new Error(`Prometheus did not start:\n${said.join('').slice(-4_000)}`, { cause: error });
  }
  return {
    alerts: async () => {
      const { data: found } = alertsSchema.parse(await ask(`${url}/api/v1/alerts`));
      return found.alerts.map(({ labels, state, activeAt }) => ({ labels, state, activeAtMs: Date.parse(activeAt) }));
    },
    down: async () => {
      const { data: found } = targetsSchema.parse(await ask(`${url}/api/v1/targets?state=active`));
      return found.activeTargets.filter(({ health }) => health !== 'up').map(({ labels }) => labels.instance);
    },
    close,
  };
}

function configOf({ targets, intervalMs }: PrometheusOptions) {
  const jobs = [...new Set(targets.map(({ job }) => job))];
  return {
    global: {
      scrape_interval: `${intervalMs}ms`,
      scrape_timeout: `${Math.min(intervalMs, ANSWER_MS)}ms`,
      evaluation_interval: `${intervalMs}ms`,
    },
    rule_files: [...RULES],
    scrape_configs: jobs.map((job) => ({
      job_name: job,
      honor_labels: true,
      static_configs: targets.filter((target) => target.job === job).map(({ address, labels }) => ({ targets: [address], labels })),
    })),
  };
}

async function untilReady(url: string): Promise<void> {
  const signal = AbortSignal.timeout(READY_BUDGET_MS);
  for (;;) {
    const isReady = await fetch(`${url}/-/ready`, { signal }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    signal.throwIfAborted();
    await pause(POLL_MS);
  }
}

async function ask(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
  return response.json();
}
