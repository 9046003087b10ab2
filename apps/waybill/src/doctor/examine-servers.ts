import { HUB } from '@waybill/nats-server';
import type { TopologyOptions } from '@waybill/transport';
import type { Installation } from '../deployment/installation.ts';
import { controlFinding, watchRenewals, type Watched } from './ask-control.ts';
import { askHub } from './ask-hub.ts';
import { type AskedRegion, pairFindings } from './ask-pair.ts';
import { type Finding, fine, lasting, messageOf, verdict, wrong } from './finding.ts';
import { judgeHub } from './hub.ts';
import { linkFindings } from './links.ts';
import { type Reached, reach } from './reach.ts';
import { judgeRenewal } from './renewal.ts';
import { driftFinding, settingsFindings } from './streams.ts';

/** An election takes five seconds, a lost link eight, a lease ten. */
const PATIENCE_MS = 10_000;

export interface Examined {
  readonly findings: readonly Finding[];
  /** What the regions wrote into the control bucket meanwhile; empty without a hub. */
  readonly watched: ReadonlyMap<string, Watched>;
}

/** Looks at all NATS servers of an installation: hub, links, regions, their streams, and what flows between them. Changes nothing. */
export async function examineServers(installation: Installation, topology: Omit<TopologyOptions, 'peers'>): Promise<Examined> {
  const { regions, hub } = installation.deployment;
  const reached = new Map(
    await Promise.all(regions.map(async ({ id }) => [id, await reach(installation, { place: id, user: 'operator' })] as const)),
  );
  const up = [...reached].flatMap(([id, one]) => ('bus' in one ? { id, bus: one.bus } : []));
  try {
    const answers = [...reached].map(([id, one]) => answerFinding(id, one));
    const [own, between] = await Promise.all([
      Promise.all(up.map((region) => examineRegion(installation, region, topology))),
      hub.length === 0 ? NOTHING_BETWEEN : examineBetween(installation, up, topology),
    ]);
    return { ...between, findings: [...answers, ...own.flat(), ...between.findings] };
  } finally {
    await Promise.all(up.map(({ bus }) => bus.close()));
  }
}

const NOTHING_BETWEEN: Examined = { findings: [], watched: new Map() };

function answerFinding(region: string, reached: Reached): Finding {
  const what = `${region} nats answers`;
  if ('bus' in reached) return fine(what, 'as operator');
  const remedy = `start its nats-server; if the region stays down: npx waybill failover ${region} --force --reason …`;
  return wrong(what, { detail: reached.failure, remedy });
}

async function examineRegion(
  installation: Installation,
  region: AskedRegion,
  topology: Omit<TopologyOptions, 'peers'>,
): Promise<Finding[]> {
  return [await driftFinding(installation, region.id, topology), ...(await settingsFindings(region))];
}

/** The hub, and all that goes through it. */
async function examineBetween(
  installation: Installation,
  up: readonly AskedRegion[],
  topology: Omit<TopologyOptions, 'peers'>,
): Promise<Examined> {
  const nodes = installation.deployment.hub.length;
  const look = async (): Promise<Finding[]> =>
    verdict('hub', judgeHub(await askHub(installation)), `${nodes} up, the control bucket has a leader`);
  const hub = lasting(look, PATIENCE_MS);
  const drift = driftFinding(installation, HUB, topology);
  const linked = await linkFindings(
    installation,
    up.map(({ id }) => id),
    PATIENCE_MS,
  );
  const together = up.filter(({ id }) => linked.regions.has(id));
  const [reads, control, pairs] = await Promise.all([
    Promise.all(together.map(({ id, bus }) => controlFinding(id, bus))),
    examineControl(installation, linked.regions),
    examinePairs(together),
  ]);
  return { watched: control.watched, findings: [...(await hub), await drift, ...linked.findings, ...reads, ...control.findings, ...pairs] };
}

async function examineControl(installation: Installation, linked: ReadonlySet<string>): Promise<Examined> {
  const ids = installation.deployment.regions.map(({ id }) => id);
  const reached = await reach(installation, { place: HUB, user: 'admin' });
  // That the hub is away is told with its nodes.
  if ('failure' in reached) return NOTHING_BETWEEN;
  const { ControlBucket } = await import('@waybill/transport');
  try {
    const watched = await watchRenewals(new ControlBucket(reached.bus), ids, { until: linked, budgetMs: PATIENCE_MS });
    return { watched, findings: ids.flatMap((id) => recordFindings(id, watched.get(id), linked.has(id))) };
  } catch (error) {
    const remedy = 'see the hub above; regions go on with what they know';
    return { watched: new Map(), findings: [wrong('control bucket', { detail: messageOf(error), remedy })] };
  } finally {
    await reached.bus.close();
  }
}

function recordFindings(region: string, watched: Watched | undefined, isUp: boolean): Finding[] {
  if (watched === undefined) return [];
  const { record, isRenewed, isReported, watchedMs } = watched;
  const seen = { region, isUp, watchedMs, isReported, record: record && { ...record, isRenewed } };
  const well =
    record === undefined ? 'no record' : `${record.state}, ${record.share} %, epoch ${record.epoch}${isUp ? '' : '; not renewed'}`;
  return verdict(`${region} record`, judgeRenewal(seen), well);
}

async function examinePairs(regions: readonly AskedRegion[]): Promise<Finding[]> {
  const pairs = regions.flatMap((region) => regions.filter((peer) => peer !== region).map((peer) => ({ region, peer })));
  const looked = await Promise.all(
    pairs.map(({ region, peer }) =>
      lasting(async () => {
        try {
          return await pairFindings(region, peer);
        } catch (error) {
          return [wrong(`${region.id} ← ${peer.id}`, { detail: messageOf(error), remedy: 'see the streams above' })];
        }
      }, PATIENCE_MS),
    ),
  );
  return looked.flat();
}
