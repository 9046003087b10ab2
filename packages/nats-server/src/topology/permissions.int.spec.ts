import { connect, PermissionViolationError } from '@nats-io/transport-node';
import { CONSUMERS, streamNames, subjects } from '@waybill/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LinkedDeployment, type Session, startProvisioned } from '../testing/linked-deployment.ts';
import { eu, facts, may, mayNot, noServiceMay, us } from '../testing/permission-cases.ts';
import { HUB } from './deployment.ts';
import { regionUsers } from './region-users.ts';

const { log, retry } = streamNames(us);

let linked: LinkedDeployment;
beforeAll(async () => {
  linked = await startProvisioned({ regions: [us, eu] });
  const { js } = await linked.session(us, 'ingress');
  await js.publish(subjects.fact(us, 'g', 'event.accepted'), 'first');
  await (await linked.session(eu, 'ingress')).js.publish(subjects.fact(eu, 'g', 'event.accepted'), 'first');
});
afterAll(() => linked.cleanup());

/** The server's word for a publish that the user may not make. */
const refused = async ({ nc }: Session, subject: string): Promise<void> => {
  const answer = nc.request(subject, '{}', { timeout: 2_000 });
  await expect(answer, subject).rejects.toMatchObject({ cause: expect.any(PermissionViolationError) });
};

/** The server answers the flush after it has judged the subscription. */
async function refusedToListen({ nc }: Session, subject: string): Promise<void> {
  const told: (Error | null)[] = [];
  nc.subscribe(subject, { callback: (error) => void told.push(error) });
  await nc.flush();
  expect(told, subject).toEqual([expect.any(PermissionViolationError)]);
}

describe('the users of a region', () => {
  const users = regionUsers({ region: us, peers: [eu], controlDomain: HUB }).map(({ user }) => user);

  it('are all tried here', () => {
    expect(Object.keys(may).toSorted()).toEqual(users.toSorted());
    expect([...Object.keys(mayNot), 'provisioner', 'keeper'].toSorted()).toEqual(users.toSorted());
  });

  it.each(Object.entries(may))('%s can do its work', async (user, actions) => {
    const session = await linked.session(us, user);
    for (const action of actions) await action(session, (place, other) => linked.session(place, other));
  });

  it.each(Object.entries(mayNot))('%s can do nothing else', async (user, forbidden) => {
    const session = await linked.session(us, user);
    for (const subject of [...noServiceMay, ...forbidden]) await refused(session, subject);
  });

  it('provisioner makes what is provisioned, removes what is old, and neither reads nor writes nor destroys facts', async () => {
    const session = await linked.session(us, 'provisioner');
    const purges = [retry, 'KV_registry'].map((stream) => `$JS.API.STREAM.PURGE.${stream}`);
    const destroys = [...purges, ...[log, retry, 'KV_registry'].map((stream) => `$JS.API.STREAM.DELETE.${stream}`)];
    const reads = [`$JS.API.STREAM.MSG.GET.${log}`, `$JS.API.DIRECT.GET.${log}`, `$JS.API.CONSUMER.MSG.NEXT.${log}.planner`];
    for (const subject of [...destroys, ...reads, ...Object.values(facts), '$JS.API.STREAM.CREATE.OTHER']) await refused(session, subject);
  });

  it('keeper neither appends facts, nor works anything off, nor changes what others stand on', async () => {
    const session = await linked.session(us, 'keeper');
    const cursors = [CONSUMERS.planner, CONSUMERS.projector, `to_${eu}`].flatMap((durable) => [
      `$JS.API.CONSUMER.MSG.NEXT.${log}.${durable}`,
      `$JS.API.CONSUMER.RESET.${log}.${durable}`,
      `$JS.API.CONSUMER.DELETE.${log}.${durable}`,
    ]);
    const others = [`$JS.API.STREAM.PURGE.${log}`, '$JS.API.STREAM.DELETE.OTHER', `$JS.hub.API.STREAM.SNAPSHOT.KV_control`];
    const writes = [subjects.retryDue(us), `$KV.registry.${us}.tenant.a`, ...Object.values(facts)];
    for (const subject of [...cursors, ...others, ...writes]) await refused(session, subject);
  });

  it.each(users)('%s hears only its own answers', async (user) => {
    const session = await linked.session(us, user);
    const other = user === 'ingress' ? 'planner' : 'ingress';
    for (const subject of ['>', '_INBOX.>', `_INBOX_${us}.>`, `_INBOX_${us}.${other}.>`, 'wb.>', `xr.${us}.to.${eu}`, '$JS.API.>'])
      await refusedToListen(session, subject);
  });

  it('comes in with its password only, and not through the hub', async () => {
    const wrong = { ...linked.login(us, 'ingress'), pass: 'wrong' };
    await expect(connect({ ...wrong, maxReconnectAttempts: 0 })).rejects.toThrow();
    const link = { ...linked.login(HUB, 'admin'), user: `link_${us}`, pass: linked.login(HUB, `link_${us}`).pass };
    await expect(connect({ ...link, maxReconnectAttempts: 0 })).rejects.toThrow();
  });
});
