import { jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { nuid } from '@nats-io/transport-node';
import { bodySubjects, CONSUMERS, controlKeys, subjects } from '@waybill/contracts';
import { expect } from 'vitest';
import { HUB } from '../topology/deployment.ts';
import { inboxPrefix } from '../topology/user-permissions.ts';
import type { Session } from './linked-deployment.ts';
import { bodies, bodyParts, eu, log, own, peers, registry, retry, us } from './permission-refusals.ts';

export { eu, facts, mayNot, noServiceMay, us } from './permission-refusals.ts';

/** Opens a session of another user, to give the one that is tried something to work on. */
export type Open = (place: string, user: string) => Promise<Session>;
type Action = (session: Session, open: Open) => Promise<void>;

/** Appends or writes; resolves only with the stream's ack. */
const append =
  (...to: string[]) =>
  async ({ js }: Session): Promise<void> => {
    for (const subject of to) await js.publish(subject, '{}');
  };

const read =
  (...streams: string[]) =>
  async (session: Session): Promise<void> => {
    for (const stream of streams) {
      const { state } = await session.jsm.streams.info(stream);
      if (state.messages === 0) continue;
      await session.jsm.direct.getMessage(stream, { seq: state.first_seq, next_by_subj: '>' });
      await session.jsm.streams.getMessage(stream, { seq: state.last_seq });
      expect(await firstScanned(session, stream)).toBe(state.first_seq);
    }
  };

/** Reads large payloads, once somebody has stored one. */
const readBodies = async ({ jsm }: Session, open: Open): Promise<void> => {
  await append(...bodyParts)(await open(us, 'dispatcher'));
  for (const { stream } of Object.values(bodies)) {
    await jsm.direct.getMessage(stream, { seq: 1, next_by_subj: '$O.>' });
    await jsm.direct.getMessage(stream, { last_by_subj: '$O.>' });
    await jsm.streams.getMessage(stream, { seq: 1 });
  }
};

/** Reads as `scanStream` of @waybill/transport does: by an ephemeral consumer with several filters. */
async function firstScanned({ nc, js }: Session, stream: string): Promise<number | undefined> {
  const config = { name: `scan_${nuid.next()}`, ack_policy: 'none', filter_subjects: ['wb.>', '$KV.>'] };
  await nc.request(`$JS.API.CONSUMER.CREATE.${stream}.${config.name}`, JSON.stringify({ stream_name: stream, config }));
  const consumer = await js.consumers.get(stream, config.name);
  const message = await consumer.next({ expires: 5_000 });
  await consumer.delete();
  return message?.seq;
}

/** Takes one message and has its ack confirmed. */
const workOff =
  (stream: string, durable: string, filling?: string) =>
  async ({ js }: Session, open: Open): Promise<void> => {
    if (filling !== undefined) await fill(filling, open);
    const consumer = await js.consumers.get(stream, durable);
    const message = await consumer.next({ expires: 5_000 });
    expect(await message?.ackAck()).toBe(true);
  };

async function fill(subject: string, open: Open): Promise<void> {
  const user = subject.includes('plan.made') ? 'planner' : subject.includes('retry') ? 'dispatcher' : 'ingress';
  const { js } = await open(subject.startsWith(`wb.${us}`) ? us : eu, user);
  await js.publish(subject, '{}');
}

const control =
  (...keys: string[]) =>
  async ({ jsm, js, nc }: Session): Promise<void> => {
    await nc.request('$JS.hub.API.INFO');
    for (const key of keys) await js.publish(`$JS.hub.API.$KV.control.${key}`, '{}');
    const there = await jetstreamManager(nc, { checkAPI: false, domain: HUB });
    await there.direct.getMessage('KV_control', { last_by_subj: `$KV.control.${controlKeys.region(us)}` });
    await there.streams.info('KV_control');
    await jsm.getAccountInfo();
  };

/** The registry as its writer uses it. */
const keepBook =
  (key: string) =>
  async ({ js }: Session): Promise<void> => {
    const bucket = await new Kvm(js).open('registry');
    const revision = await bucket.create(key, '{}');
    await bucket.update(key, '{}', revision);
    await bucket.delete(key);
  };

const resetTo =
  (stream: string, durable: string) =>
  async ({ jsm }: Session): Promise<void> => {
    await jsm.consumers.reset(stream, durable, 1);
  };

/** What each user has to be able to do. */
export const may: Record<string, Action[]> = {
  ingress: [
    append(own('g', 'event.accepted'), own('l', 'event.accepted'), own('g', 'region.changed'), own('l', 'region.changed')),
    append(own('g', 'run.completed'), own('l', 'run.completed'), own('g', 'dispatch.swept')),
    append(`$KV.registry.${us}.tenant.a`, `$KV.registry.${us}.l.endpoint.a.b`, `$KV.registry.${us}.region.${us}`),
    keepBook(`${us}.source.b`),
    read(log, peers, registry),
    append(bodySubjects(bodies.own.bucket).parts('a'), bodySubjects(bodies.own.bucket).about('a')),
    readBodies,
    control(controlKeys.region(us), controlKeys.region(eu)),
  ],
  planner: [
    readBodies,
    append(own('g', `plan.made.${eu}`), own('l', `plan.made.${us}`), own('g', 'event.refused'), own('g', 'takeover.closed')),
    read(log, peers, registry),
    append(own('g', 'dispatch.decided'), own('l', 'dispatch.ended')),
    workOff(log, CONSUMERS.planner, own('g', 'event.accepted')),
    workOff(log, CONSUMERS.plannerRuns, own('g', 'run.completed')),
    control(),
  ],
  dispatcher: [
    append(own('g', 'delivery.attempted'), own('l', 'delivery.refused'), own('l', 'event.refused'), own('g', 'region.beat')),
    append(own('g', 'region.spilled'), own('g', 'takeover.claimed')),
    append(own('g', 'dispatch.intended'), own('l', 'dispatch.settled'), own('g', 'dispatch.reported')),
    append(subjects.retryDue(us), `wb.${us}.retry.s.dlv_1`),
    append(...bodyParts),
    readBodies,
    append(`$KV.registry.${us}.health.a.b`, `$KV.registry.${us}.endpoint.a.b`, `$KV.registry.${us}.l.health.a.b`),
    read(log, peers, registry),
    workOff(log, CONSUMERS.dispatcherPlans, subjects.plan(us, 'g', us)),
    workOff(log, CONSUMERS.dispatcherLocal, subjects.plan(us, 'l', us)),
    workOff(peers, CONSUMERS.dispatcherPeers, subjects.plan(eu, 'g', us)),
    workOff(retry, CONSUMERS.dispatcherDue, subjects.retryDue(us)),
    control(controlKeys.region(us), controlKeys.region(eu), controlKeys.report(us)),
  ],
  projector: [
    readBodies,
    read(log, peers, registry),
    resetTo(log, CONSUMERS.projector),
    resetTo(peers, CONSUMERS.projector),
    workOff(log, CONSUMERS.projector),
    workOff(peers, CONSUMERS.projector),
    async ({ jsm }) => {
      for (const stream of [retry, bodies.own.stream]) expect((await jsm.streams.info(stream)).config.name).toBe(stream);
    },
    control(),
  ],
  operator: [
    read(log, peers, registry),
    control(),
    async ({ jsm }) => {
      for await (const name of jsm.streams.names()) expect(name).toBeTypeOf('string');
      for await (const { config } of jsm.streams.list()) expect(config.name).toBeTypeOf('string');
      for await (const { name } of jsm.consumers.list(log)) expect(name).toBeTypeOf('string');
      await jsm.consumers.info(retry, CONSUMERS.dispatcherDue);
    },
  ],
  keeper: [
    async ({ jsm, nc }) => {
      for await (const name of jsm.streams.names()) expect(name).toBeTypeOf('string');
      for await (const { name } of jsm.consumers.list(log)) expect(name).toBeTypeOf('string');
      await jsm.streams.info(retry, { subjects_filter: '>' });
      await jsm.consumers.info(retry, CONSUMERS.dispatcherDue);
      const asked = { deliver_subject: `${inboxPrefix(us, 'keeper')}.snapshot` };
      const first = nc.subscribe(asked.deliver_subject, { max: 1 });
      expect((await nc.request(`$JS.API.STREAM.SNAPSHOT.${retry}`, JSON.stringify(asked))).json()).toHaveProperty('state');
      for await (const chunk of first) chunk.respond();
      const { config, state } = await jsm.streams.info(retry);
      await jsm.streams.update(retry, { description: 'restored' });
      // Refused by JetStream, for the stream is there; not by the permissions.
      const restored = await nc.request(`$JS.API.STREAM.RESTORE.${retry}`, JSON.stringify({ config, state }));
      expect(restored.json()).toHaveProperty('error.err_code', 10_130);
    },
    read(log, peers),
    append(`wb.${us}.retry.s.dlv_2`, `wb.${us}.retry.o.dlv_3`),
  ],
  provisioner: [
    async ({ jsm }) => {
      const { config } = await jsm.streams.info(peers);
      for (const stream of [log, peers]) await jsm.streams.purge(stream, { seq: 1 });
      await jsm.streams.delete(peers);
      await jsm.streams.add(config);
      await jsm.streams.update(registry, { description: 'changed' });
      await jsm.consumers.reset(log, `to_${eu}`, 1);
      await jsm.consumers.update(log, CONSUMERS.planner, { max_ack_pending: 10 });
    },
  ],
};
