import { bodyBuckets, CONSUMERS, peerConsumer, quorumSubject, REGISTRY_BUCKET, streamNames, subjects } from '@waybill/contracts';
import type { SubjectRules } from '../launch/accounts-config.ts';
import { apiOf, keepOff, readMessages, reset, scan, streamInfo, work } from './jetstream-subjects.ts';
import {
  bodies,
  CONTROL,
  controlKey,
  DISPATCHERS_FACTS,
  facts,
  readEverywhere,
  REGISTRY,
  type RegionPlace,
  registryKeys,
} from './service-subjects.ts';
import { ownInbox, type UserPermissions } from './user-permissions.ts';

export type { RegionPlace } from './service-subjects.ts';

/** What a region's JetStream is made of: its streams, with the durable consumers on them. */
interface RegionAssets {
  readonly log: string;
  readonly peers: string;
  readonly retry: string;
  readonly durables: ReadonlyMap<string, readonly string[]>;
}

function assetsOf({ region, peers: others }: RegionPlace): RegionAssets {
  const { log, peers, retry } = streamNames(region);
  const { planner, plannerRuns, projector, dispatcherPlans, dispatcherLocal, dispatcherPeers, dispatcherDue } = CONSUMERS;
  const toPeers = others.map(peerConsumer);
  const durables = new Map([
    [log, [planner, plannerRuns, projector, dispatcherPlans, dispatcherLocal, ...toPeers]],
    [peers, [projector, dispatcherPeers]],
    [retry, [dispatcherDue]],
    [REGISTRY, toPeers],
  ]);
  return { log, peers, retry, durables };
}

interface Needs {
  /** Subjects the user may publish to, API requests included. */
  readonly publish: readonly string[];
  readonly subscribe?: readonly string[];
  /** Streams it reads in order, by ephemeral consumers of its own. */
  readonly scans: readonly string[];
  /** Durable consumers it works off, by stream. */
  readonly works?: readonly (readonly [stream: string, durable: string])[];
}

interface Service {
  readonly user: string;
  readonly purpose: string;
  readonly needs: (place: RegionPlace, assets: RegionAssets) => Needs;
}

const SERVICES: readonly Service[] = [
  {
    user: 'ingress',
    purpose: 'accepts events, writes the registry, changes the state of regions',
    needs: (place, { log, peers }) => ({
      publish: [
        ...facts(place.region, 'event.accepted', 'run.completed', 'region.changed', 'dispatch.swept'),
        ...facts(
          place.region,
          'job.created',
          'job.listed',
          'job.changed',
          'dead_letter.discarded',
          'delivery.instructed',
          'management.acted',
          'intake.measured',
        ),
        `$KV.${REGISTRY_BUCKET}.${place.region}.>`,
        ...controlKey(place, 'region.*'),
        ...readMessages(log),
        ...readMessages(peers),
        ...bodies(place.region).accept,
        ...bodies(place.region).read,
      ],
      scans: [log, peers],
    }),
  },
  {
    user: 'planner',
    purpose: 'plans accepted events',
    needs: ({ region }, { log, peers }) => ({
      publish: [
        ...facts(region, 'plan.made.*', 'event.refused', 'takeover.*', 'dispatch.decided', 'dispatch.ended'),
        ...facts(region, 'job.planned', 'job.advanced', 'job.ended'),
        ...readMessages(log),
        ...readMessages(peers),
        ...bodies(region).read,
      ],
      scans: [log, peers],
      works: [
        [log, CONSUMERS.planner],
        [log, CONSUMERS.plannerRuns],
      ],
    }),
  },
  {
    user: 'dispatcher',
    purpose: 'delivers, keeps the region’s lease, takes over',
    needs: (place, { log, peers, retry }) => ({
      publish: [
        ...facts(place.region, 'delivery.attempted', 'delivery.refused', 'event.refused', 'region.*', 'takeover.*', ...DISPATCHERS_FACTS),
        subjects.retryFilter(place.region),
        ...registryKeys(place.region, 'endpoint', 'health'),
        ...controlKey(place, 'region.*'),
        ...controlKey(place, `report.${place.region}`),
        quorumSubject(place.region),
        ...readMessages(log),
        ...readMessages(peers),
        ...readMessages(retry),
        ...streamInfo(retry),
        ...bodies(place.region).accept,
        ...bodies(place.region).copy,
        ...bodies(place.region).read,
      ],
      subscribe: [quorumSubject('*')],
      scans: [log, peers],
      works: [
        [log, CONSUMERS.dispatcherPlans],
        [log, CONSUMERS.dispatcherLocal],
        [peers, CONSUMERS.dispatcherPeers],
        [retry, CONSUMERS.dispatcherDue],
      ],
    }),
  },
  {
    user: 'projector',
    purpose: 'folds facts into read models',
    needs: ({ region }, { log, peers, retry }) => ({
      publish: [
        ...[log, peers].flatMap((stream) => [reset(stream, CONSUMERS.projector), ...readMessages(stream)]),
        ...bodies(region).read,
        ...[retry, bodyBuckets(region).own.stream].flatMap((stream) => streamInfo(stream)),
      ],
      scans: [log, peers],
      works: [
        [log, CONSUMERS.projector],
        [peers, CONSUMERS.projector],
      ],
    }),
  },
  {
    user: 'operator',
    purpose: 'looks: the command line, waybill doctor',
    needs: (_, { log, peers, retry }) => ({
      publish: [
        `${apiOf()}.STREAM.NAMES`,
        `${apiOf()}.STREAM.LIST`,
        `${apiOf()}.CONSUMER.NAMES.*`,
        `${apiOf()}.CONSUMER.LIST.*`,
        `${apiOf()}.CONSUMER.INFO.*.*`,
        ...[log, peers, retry].flatMap((stream) => readMessages(stream)),
        ...streamInfo(retry),
      ],
      subscribe: [quorumSubject('*')],
      scans: [log, peers],
    }),
  },
];

function serviceUser(service: Service, place: RegionPlace): UserPermissions {
  const assets = assetsOf(place);
  const { publish, subscribe = [], scans, works = [] } = service.needs(place, assets);
  const scanned = [...scans, REGISTRY];
  const rules: SubjectRules = {
    allow: [
      ...publish,
      ...readEverywhere(place),
      ...scanned.flatMap((stream) => scan(stream)),
      ...works.flatMap(([stream, durable]) => work(stream, durable)),
    ],
    deny: scanned.flatMap((stream) =>
      keepOff(
        stream,
        assets.durables.get(stream) ?? [],
        works.filter(([at]) => at === stream).map(([, durable]) => durable),
      ),
    ),
  };
  return {
    user: service.user,
    purpose: service.purpose,
    entrance: 'client',
    permissions: { publish: rules, subscribe: { allow: [ownInbox(place.region, service.user), `$KV.${REGISTRY_BUCKET}.>`, ...subscribe] } },
  };
}

/**
 * Streams may be made and changed; only the copy of the other regions' facts may be removed, for it can be had again. What is old may be removed from the
 * front of LOG and PEERS (waybill retention).
 */
function provisioner(place: RegionPlace): UserPermissions {
  const { log, peers, retry } = assetsOf(place);
  const own = place.controlDomain === place.region ? [CONTROL] : [];
  const streams = [log, peers, retry, REGISTRY, ...own].flatMap((stream) => [
    ...['CREATE', 'UPDATE', 'INFO'].map((verb) => `STREAM.${verb}.${stream}`),
    ...['CREATE', 'DURABLE.CREATE', 'INFO', 'DELETE', 'RESET'].map((verb) => `CONSUMER.${verb}.${stream}.>`),
  ]);
  const kept = Object.values(bodyBuckets(place.region)).flatMap(({ stream }) =>
    ['CREATE', 'UPDATE', 'INFO'].map((verb) => `STREAM.${verb}.${stream}`),
  );
  const requests = ['INFO', ...streams, ...kept, `STREAM.DELETE.${peers}`, ...[log, peers].map((stream) => `STREAM.PURGE.${stream}`)];
  return {
    user: 'provisioner',
    purpose: 'makes streams and consumers (waybill provision), removes what is old (waybill retention)',
    entrance: 'client',
    permissions: {
      publish: { allow: [apiOf(), ...own.map(() => apiOf(place.region))].flatMap((api) => requests.map((request) => `${api}.${request}`)) },
      subscribe: { allow: [ownInbox(place.region, 'provisioner')] },
    },
  };
}

/**
 * Reads whole streams, and makes them again on servers that have none. It may remove a stream, for half of one is of no use when a restore was broken off.
 * Facts it cannot write, only the schedules of deliveries that a restored region still owes.
 */
function keeper(place: RegionPlace): UserPermissions {
  const { log, peers, retry, durables } = assetsOf(place);
  const own = place.controlDomain === place.region ? [CONTROL] : [];
  const requests = [log, peers, retry, REGISTRY, bodyBuckets(place.region).own.stream, ...own].flatMap((stream) => [
    ...['INFO', 'SNAPSHOT', 'RESTORE', 'UPDATE', 'DELETE'].map((verb) => `${apiOf()}.STREAM.${verb}.${stream}`),
    `${apiOf()}.CONSUMER.LIST.${stream}`,
    ...['ACK', 'RESTORE'].map((flow) => `$JS.SNAPSHOT.${flow}.${stream}.>`),
  ]);
  const scanned = [log, peers];
  return {
    user: 'keeper',
    purpose: 'backs up and restores (waybill backup, waybill restore)',
    entrance: 'client',
    permissions: {
      publish: {
        allow: [
          `${apiOf()}.INFO`,
          `${apiOf()}.STREAM.NAMES`,
          ...requests,
          ...scanned.flatMap((stream) => [...scan(stream), ...readMessages(stream)]),
          ...readMessages(retry),
          `${apiOf()}.CONSUMER.INFO.${retry}.*`,
          ...['s', 'o'].map((kind) => `wb.${place.region}.retry.${kind}.*`),
        ],
        deny: scanned.flatMap((stream) => keepOff(stream, durables.get(stream) ?? [])),
      },
      subscribe: { allow: [ownInbox(place.region, 'keeper')] },
    },
  };
}

/** The users of a region's servers. */
export const regionUsers = (place: RegionPlace): UserPermissions[] => [
  provisioner(place),
  keeper(place),
  ...SERVICES.map((service) => serviceUser(service, place)),
];
