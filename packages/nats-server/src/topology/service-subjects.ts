import { bodyBuckets, bodySubjects, CONTROL_BUCKET, REGISTRY_BUCKET } from '@waybill/contracts';
import { apiOf, readMessages, streamInfo } from './jetstream-subjects.ts';

export const CONTROL = `KV_${CONTROL_BUCKET}`;
export const REGISTRY = `KV_${REGISTRY_BUCKET}`;

/** A region as its users see it. */
export interface RegionPlace {
  readonly region: string;
  /** The regions that have copies of its streams. */
  readonly peers: readonly string[];
  /** Where the control bucket is: `hub`, or the region itself while there is no hub. */
  readonly controlDomain: string;
}

/** Facts of both scopes; written out, because `wb.<region>.*` would also match the retries. */
export const facts = (region: string, ...types: string[]): string[] =>
  types.flatMap((type) => [`wb.${region}.g.${type}`, `wb.${region}.l.${type}`]);

/** What the dispatcher says of workflow dispatches. */
export const DISPATCHERS_FACTS = ['dispatch.intended', 'dispatch.settled', 'dispatch.reported'];

/** Large payloads: those that the region accepted, and copies of others'. */
export const bodies = (region: string) => {
  const { own, copies } = bodyBuckets(region);
  return {
    read: [own, copies].flatMap(({ stream }) => readMessages(stream)),
    accept: [...bodySubjects(own.bucket).all, ...streamInfo(own.stream)],
    copy: [...bodySubjects(copies.bucket).all, ...streamInfo(copies.stream)],
  };
};

/** Entries of these kinds that a region writes. */
export const registryKeys = (region: string, ...kinds: string[]): string[] =>
  kinds.flatMap((kind) => [`$KV.${REGISTRY_BUCKET}.${region}.${kind}.>`, `$KV.${REGISTRY_BUCKET}.${region}.l.${kind}.>`]);

/** The APIs of the control bucket's domain; a client may leave its own one out. */
const controlApis = ({ controlDomain, region }: RegionPlace): string[] =>
  controlDomain === region ? [apiOf(controlDomain), apiOf()] : [apiOf(controlDomain)];

/** A key of the control bucket as it is written: in another domain below its API. */
export const controlKey = (place: RegionPlace, key: string): string[] => {
  const subject = `$KV.${CONTROL_BUCKET}.${key}`;
  return controlApis(place).map((api) => (api === apiOf() ? subject : `${api}.${subject}`));
};

/** What every service reads: the registry, and in which state the regions are. */
export const readEverywhere = (place: RegionPlace): string[] => [
  `${apiOf()}.INFO`,
  ...readMessages(REGISTRY),
  ...controlApis(place).flatMap((api) => [`${api}.INFO`, ...streamInfo(CONTROL, api), ...readMessages(CONTROL, api)]),
];
