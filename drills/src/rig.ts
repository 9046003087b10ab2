import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  adminApi,
  eventRequests,
  type LocalStack,
  Pipeline,
  type ReceiverProcess,
  setUpWiring,
  startReceiverProcess,
  startStack,
  type Wiring,
} from '@waybill/bench';
import { PersistentSender } from './persistent-sender.ts';
import { type Undo, withDataDir } from './with-data-dir.ts';

export interface RigOptions {
  readonly ratePerSecond: number;
  readonly failingPercent: number;
  readonly dataDir?: string | undefined;
  /** Prepares the data folder before the stack starts; returns how to undo that. */
  readonly prepare?: (dataDir: string) => () => void;
  readonly env?: Readonly<Record<string, string>>;
}

/** A stack under load: a sender that does not give up, a receiver that remembers, and a look at the streams. */
export interface Rig {
  readonly stack: LocalStack;
  readonly receiver: ReceiverProcess;
  readonly pipeline: Pipeline;
  readonly wiring: Wiring;
  readonly sender: PersistentSender;
  /** For what is compared at the end. */
  readonly scratch: string;
}

/** Two endpoints and every event to both: what happens to one delivery of an event must not happen to the other. */
const ENDPOINTS = 2;
const FAN_OUT = 2;
const PAYLOAD_BYTES = 256;
/** Retries come soon, so that some are under way whenever a process is killed. */
const RETRY_BASE_DELAY_MS = '1000';
/** What the services of a rig are told. */
export const RIG_ENV = { RETRY_BASE_DELAY_MS, LOG_LEVEL: 'warn' } as const;

/** Starts a rig, runs `drill` on it and takes everything down again. */
export function withRig<Result extends { readonly findings: readonly string[] }>(
  options: RigOptions,
  drill: (rig: Rig) => Promise<Result>,
): Promise<Result> {
  return withDataDir(options.dataDir, (dataDir, undo) => assemble(options, dataDir, undo), drill);
}

async function assemble(options: RigOptions, dataDir: string, undo: Undo): Promise<Rig> {
  const scratch = mkdtempSync(join(tmpdir(), 'waybill-drill-records-'));
  undo.push(() => rmSync(scratch, { recursive: true, force: true }));
  if (options.prepare !== undefined) undo.push(options.prepare(dataDir));
  const stack = await startStack({ dataDir, env: { ...RIG_ENV, ...options.env } });
  undo.push(() => stack.stop());
  const receiver = await startReceiverProcess(options.failingPercent);
  undo.push(() => receiver.close());
  const region = stack.region();
  const pipeline = await Pipeline.connect(region);
  undo.push(() => pipeline.close());
  const tenant = `drill-${Date.now().toString(36)}`;
  const wiring = await setUpWiring(adminApi(region), { tenant, endpoints: ENDPOINTS, fanOut: FAN_OUT, receiverUrl: receiver.url });
  const { adminKey, url } = region;
  const eventTypes = ENDPOINTS;
  const request = eventRequests({ ...wiring, adminKey, via: 'both', payloadBytes: PAYLOAD_BYTES, eventTypes, run: tenant });
  const sender = new PersistentSender({ url, ratePerSecond: options.ratePerSecond, eventTypes, request });
  undo.push(async () => void (await sender.stop(0)));
  return { stack, receiver, pipeline, wiring, sender, scratch };
}
