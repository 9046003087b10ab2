import type { ConsumerInfo, StreamInfo } from '@nats-io/jetstream';
import { isDeepStrictEqual } from 'node:util';
import { WaybillError } from '@waybill/contracts';
import type { Bus } from './bus.ts';
import { refuseUnfinished } from './restore-mark.ts';
import type { Topology, WantedConsumer, WantedStream } from './topology.ts';

/** One thing that provisioning did or would do. `changes` reads `field: old → new`. */
export interface ProvisionStep {
  readonly what: string;
  readonly action: 'create' | 'update' | 'unchanged';
  readonly changes: readonly string[];
}

/** What cannot be changed on something that exists, and the way out. */
interface Rules {
  readonly immutable: ReadonlySet<string>;
  readonly remedy: string;
}

/** The server does not change these on an existing stream (verified on 2.15.1). Retention may not change to or from a work queue. */
const STREAM_RULES: Rules = {
  immutable: new Set(['storage', 'retention', 'deny_delete', 'deny_purge', 'max_consumers', 'allow_msg_schedules']),
  remedy: 'back the stream up, delete it, run "waybill provision" again and restore; or keep the old value',
};
const CONSUMER_RULES: Rules = {
  immutable: new Set(['ack_policy', 'deliver_policy']),
  remedy: 'stop its service, delete the consumer and run "waybill provision" again; the restart rule skips what was done',
};
/** JetStream's codes for what is not there. */
export const API_ERRORS = { streamMissing: 10_059, consumerMissing: 10_014 };

/**
 * Makes a region's streams and consumers what `topology` says: creates what is missing, updates what may change, and refuses the rest with
 * WB_TOPOLOGY_IMMUTABLE and the way out, or WB_RESTORE_UNFINISHED where a restore was broken off. Nothing is ever deleted. With `dryRun` it only tells. All refusals are found before anything is changed.
 * A cluster that has just started is waited for, unless it is only told (`patient` says otherwise).
 */
export async function provision(
  bus: Bus,
  topology: Topology,
  options: { dryRun?: boolean; patient?: boolean } = {},
): Promise<ProvisionStep[]> {
  const isPatient = options.patient ?? options.dryRun !== true;
  const plan = async (): Promise<Planned[]> => [
    ...(await Promise.all(topology.streams.map((wanted) => planStream(bus, wanted)))),
    ...(await Promise.all(topology.consumers.map(({ stream, config }) => planConsumer(bus, stream, config)))),
  ];
  const planned = isPatient ? await patiently(plan) : await plan();
  const refused = planned.flatMap(({ refusals }) => refusals);
  if (refused.length > 0) throw new WaybillError('WB_TOPOLOGY_IMMUTABLE', refused.join('; '));
  if (options.dryRun !== true) for (const { apply } of planned) if (apply !== undefined) await patiently(apply);
  return planned.map(({ step }) => step);
}

/** A cluster that has just started: it or a stream has no leader yet, or not all of its servers have been seen (2.15.1: 10008, 10005, or silence). */
const NOT_YET = new Set([10_008, 10_005]);
const PATIENCE_MS = 45_000;
const AGAIN_MS = 250;

async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isNotYet(error) || performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

function isNotYet(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'TimeoutError' || ('code' in error && NOT_YET.has(Number(error.code)));
}

interface Planned {
  readonly step: ProvisionStep;
  readonly refusals: readonly string[];
  readonly apply?: () => Promise<unknown>;
}

async function planStream(bus: Bus, wanted: WantedStream): Promise<Planned> {
  const what = `stream ${wanted.name}`;
  const existing = await orMissing<StreamInfo>(bus.jsm.streams.info(wanted.name), API_ERRORS.streamMissing);
  if (existing === undefined)
    return { step: { what, action: 'create', changes: [] }, refusals: [], apply: () => bus.jsm.streams.add(wanted) };
  refuseUnfinished(existing.config);
  const apply = (): Promise<unknown> => bus.jsm.streams.update(wanted.name, wanted);
  return planUpdate({ what, differing: differences(wanted, existing.config), rules: STREAM_RULES, apply });
}

async function planConsumer(bus: Bus, stream: string, wanted: WantedConsumer): Promise<Planned> {
  const name = wanted.durable_name;
  const what = `consumer ${name} on ${stream}`;
  const existing = await orMissing<ConsumerInfo>(
    bus.jsm.consumers.info(stream, name),
    API_ERRORS.consumerMissing,
    API_ERRORS.streamMissing,
  );
  if (existing === undefined)
    return { step: { what, action: 'create', changes: [] }, refusals: [], apply: () => bus.jsm.consumers.add(stream, wanted) };
  // The present config is sent along with the changes, and a single filter and a list of them exclude each other.
  const apply = (): Promise<unknown> => bus.jsm.consumers.update(stream, name, { ...wanted, filter_subject: '' });
  return planUpdate({ what, differing: differences(wanted, existing.config), rules: CONSUMER_RULES, apply });
}

interface Update {
  readonly what: string;
  readonly differing: readonly Difference[];
  readonly rules: Rules;
  readonly apply: () => Promise<unknown>;
}

function planUpdate({ what, differing, rules, apply }: Update): Planned {
  const changes = differing.map(({ field, was, becomes }) => `${field}: ${show(was)} → ${show(becomes)}`);
  if (changes.length === 0) return { step: { what, action: 'unchanged', changes }, refusals: [] };
  const refusals = differing
    .filter(({ field }) => rules.immutable.has(field))
    .map(({ field, was, becomes }) => `${what}: ${field} is ${show(was)} and cannot become ${show(becomes)}. Remedy: ${rules.remedy}`);
  return { step: { what, action: 'update', changes }, refusals, apply };
}

interface Difference {
  readonly field: string;
  readonly was: unknown;
  readonly becomes: unknown;
}

/** Only fields that are wanted count; the server answers with many defaults. A missing flag is the same as false, a missing number as 0. */
function differences(wanted: object, present: object): Difference[] {
  const now = new Map<string, unknown>(Object.entries(present));
  return Object.entries(wanted)
    .map(([field, becomes]) => ({ field, was: presentValue(field, now), becomes: normal(becomes) }))
    .filter(({ was, becomes }) => !hasWanted(was, becomes));
}

/** Whether `was` says what is wanted and maybe more, at every depth: a source is answered with defaults of its own. */
function hasWanted(was: unknown, becomes: unknown): boolean {
  if (Array.isArray(was) && Array.isArray(becomes))
    return was.length === becomes.length && was.every((one, index) => hasWanted(one, becomes[index]));
  if (!isObject(was) || !isObject(becomes)) return isDeepStrictEqual(was, becomes);
  const now = new Map<string, unknown>(Object.entries(was));
  return Object.entries(becomes).every(([field, value]) => hasWanted(now.get(field), value));
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A consumer with one filter answers with `filter_subject` instead of the list that was asked for. */
function presentValue(field: string, now: ReadonlyMap<string, unknown>): unknown {
  const value = now.get(field);
  const single = now.get('filter_subject');
  if (field === 'filter_subjects' && value === undefined && single !== undefined) return [single];
  return normal(value);
}

const normal = (value: unknown): unknown => (value === undefined || value === null || value === 0 ? false : value);
const show = (value: unknown): string => JSON.stringify(value);

/** The answer, or undefined when it is one of these API errors. */
export async function orMissing<T>(request: Promise<T>, ...codes: number[]): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof Error && 'code' in error && codes.includes(Number(error.code))) return undefined;
    throw error;
  }
}
