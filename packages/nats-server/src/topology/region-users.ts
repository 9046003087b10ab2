import { CONSUMERS, CONTROL_BUCKET, peerConsumer, quorumSubject, REGISTRY_BUCKET, streamNames, subjects } from '@waybill/contracts';
import type { SubjectRules } from '../launch/accounts-config.ts';
import { apiOf, keepOff, readMessages, reset, scan, streamInfo, work } from './jetstream-subjects.ts';
import { ownInbox, type UserPermissions } from './user-permissions.ts';

const CONTROL = `KV_${CONTROL_BUCKET}`;
const REGISTRY = `KV_${REGISTRY_BUCKET}`;

/** A region as its users see it. */
export interface RegionPlace {
  readonly region: string;
  /** The regions that have copies of its streams. */
  readonly peers: readonly string[];
  /** Where the control bucket is: `hub`, or the region itself while there is no hub. */
  readonly controlDomain: string;
}

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

/** Facts of both scopes; written out, because `wb.<region>.*` would also match the retries. */
const facts = (region: string, ...types: string[]): string[] =>
  types.flatMap((type) => [`wb.${region}.g.${type}`, `wb.${region}.l.${type}`]);

/** What the dispatcher says of workflow dispatches. */
const DISPATCHERS_FACTS = ['dispatch.intended', 'dispatch.settled', 'dispatch.reported'];

const registryKeys = (region: string, ...kinds: string[]): string[] =>
  kinds.flatMap((kind) => [`$KV.${REGISTRY_BUCKET}.${region}.${kind}.>`, `$KV.${REGISTRY_BUCKET}.${region}.l.${kind}.>`]);

/** The APIs of the control bucket's domain; a client may leave its own one out. */
const controlApis = ({ controlDomain, region }: RegionPlace): string[] =>
  controlDomain === region ? [apiOf(controlDomain), apiOf()] : [apiOf(controlDomain)];

/** A key of the control bucket as it is written: in another domain below its API. */
const controlKey = (place: RegionPlace, key: string): string[] => {
  const subject = `$KV.${CONTROL_BUCKET}.${key}`;
  return controlApis(place).map((api) => (api === apiOf() ? subject : `${api}.${subject}`));
};

/** What every service reads: the registry, and in which state the regions are. */
const readEverywhere = (place: RegionPlace): string[] => [
  `${apiOf()}.INFO`,
  ...readMessages(REGISTRY),
  ...controlApis(place).flatMap((api) => [`${api}.INFO`, ...streamInfo(CONTROL, api), ...readMessages(CONTROL, api)]),
];

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
        ),
        `$KV.${REGISTRY_BUCKET}.${place.region}.>`,
        ...controlKey(place, 'region.*'),
        ...readMessages(log),
        ...readMessages(peers),
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
    needs: (_, { log, peers }) => ({
      publish: [log, peers].flatMap((stream) => [reset(stream, CONSUMERS.projector), ...readMessages(stream)]),
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

/** Streams may be made and changed; only the copy of the other regions' facts may be removed, for it can be had again. */
function provisioner(place: RegionPlace): UserPermissions {
  const { log, peers, retry } = assetsOf(place);
  const own = place.controlDomain === place.region ? [CONTROL] : [];
  const streams = [log, peers, retry, REGISTRY, ...own].flatMap((stream) => [
    ...['CREATE', 'UPDATE', 'INFO'].map((verb) => `STREAM.${verb}.${stream}`),
    ...['CREATE', 'DURABLE.CREATE', 'INFO', 'DELETE', 'RESET'].map((verb) => `CONSUMER.${verb}.${stream}.>`),
  ]);
  const requests = ['INFO', ...streams, `STREAM.DELETE.${peers}`];
  return {
    user: 'provisioner',
    purpose: 'makes streams and consumers (waybill provision)',
    entrance: 'client',
    permissions: {
      publish: { allow: [apiOf(), ...own.map(() => apiOf(place.region))].flatMap((api) => requests.map((request) => `${api}.${request}`)) },
      subscribe: { allow: [ownInbox(place.region, 'provisioner')] },
    },
  };
}

/** The users of a region's servers. */
export const regionUsers = (place: RegionPlace): UserPermissions[] => [
  provisioner(place),
  ...SERVICES.map((service) => serviceUser(service, place)),
];
