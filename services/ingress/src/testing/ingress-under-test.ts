import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { streamNames, subjects } from '@waybill/contracts';
import { githubConfigOf } from '@waybill/github';
import { loadConfig, type RunningService } from '@waybill/runtime';
import { connectBus } from '@waybill/transport';
import { eventually, startNats, type TestNats, type TestNatsOptions, testLogger } from '@waybill/testkit';
import { ingressConfigSchema } from '../config.ts';
import { deploymentOf } from '../deployment.ts';
import { startIngress } from '../start-ingress.ts';

export const REGION = 'test';
export const KEY = 'management-key-of-tests';
export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** What came back over HTTP; `body` is parsed JSON, or undefined when there was none. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** Sends one request with the management key. A body that is no text is sent as JSON. */
export type Call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>;

/** An ingress with its NATS, reached over real HTTP. */
export interface IngressUnderTest {
  readonly nats: TestNats;
  readonly dataDir: string;
  readonly url: string;
  readonly port: number;
  readonly call: Call;
  /** Events stored in the LOG. */
  stored(): Promise<number>;
  /** Stops the ingress and starts it again on the same data, with other settings if given. */
  restart(env?: Record<string, string>, whileStopped?: () => Promise<void>): Promise<void>;
  cleanup(): Promise<void>;
}

export const callAt =
  (url: string): Call =>
  async (method, path, body, headers = {}) => {
    const raw = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const given = { authorization: `Bearer ${KEY}`, ...(raw === undefined ? {} : { 'content-type': 'application/json' }), ...headers };
    return replyOf(await fetch(url + path, { method, headers: given, redirect: 'manual', ...(raw === undefined ? {} : { body: raw }) }));
  };

async function replyOf(response: Response): Promise<Reply> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
}

/** Starts nats-server and an ingress, and waits until the ingress says that it is ready. */
export async function startUnderTest(env: Record<string, string> = {}, natsOptions: TestNatsOptions = {}): Promise<IngressUnderTest> {
  const nats = await startNats({ region: REGION, ...natsOptions });
  const dataDir = await mkdtemp(join(tmpdir(), 'waybill-ingress-'));
  const bus = await connectBus({ servers: nats.url, name: 'test' });
  const base = { REGION, NATS_URL: nats.url, MANAGEMENT_API_KEY: KEY, DATA_DIR: dataDir, ...env };
  let service: RunningService = await startReady(base);
  return {
    nats,
    dataDir,
    get url() {
      return service.url;
    },
    get port() {
      return Number(new URL(service.url).port);
    },
    call: (method, path, body, headers) => callAt(service.url)(method, path, body, headers),
    stored: async () => {
      await eventually(() => bus.isUp());
      const filter = subjects.factFilter(REGION, 'event.accepted');
      const { state } = await bus.jsm.streams.info(streamNames(REGION).log, { subjects_filter: filter });
      return Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
    },
    restart: async (changed = {}, whileStopped = async () => {}) => {
      await service.close();
      await whileStopped();
      service = await startReady({ ...base, ...changed });
    },
    cleanup: async () => {
      await service.close();
      await bus.close();
      await nats.cleanup();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Starts an ingress and waits until it says that it is ready. */
export async function startReady(env: Record<string, string>): Promise<RunningService> {
  const service = await startIngress(loadConfig(ingressConfigSchema, env), testLogger(), {
    deployment: deploymentOf(env),
    github: githubConfigOf(env),
  });
  while ((await fetch(`${service.url}/health/ready`)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
  return service;
}
