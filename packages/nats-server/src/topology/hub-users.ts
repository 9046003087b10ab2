import { CONTROL_BUCKET, peerConsumer, quorumSubject, REGISTRY_BUCKET, replicationSubjects, streamNames } from '@waybill/contracts';
import { HUB } from './deployment.ts';
import { apiOf, flowControl, readMessages, reset, SOURCE_REPLIES, streamInfo } from './jetstream-subjects.ts';
import { ownInbox, type UserPermissions } from './user-permissions.ts';

const CONTROL = `KV_${CONTROL_BUCKET}`;
const REGISTRY = `KV_${REGISTRY_BUCKET}`;

/** The user of the hub as which a region's servers link to it. */
export const linkUser = (region: string): string => `link_${region}`;

/** Makes the control bucket; may not touch what is in it. */
export const HUB_ADMIN: UserPermissions = {
  user: 'admin',
  purpose: 'provisions the control bucket',
  entrance: 'client',
  permissions: {
    publish: {
      allow: [
        `${apiOf()}.INFO`,
        ...['CREATE', 'UPDATE', 'INFO'].map((verb) => `${apiOf()}.STREAM.${verb}.${CONTROL}`),
        ...readMessages(CONTROL),
      ],
    },
    subscribe: { allow: [ownInbox(HUB, 'admin')] },
  },
};

/** Streams of a region that the other regions have a copy of. */
const replicated = (region: string): string[] => [streamNames(region).log, REGISTRY];

/** What a region may ask of one peer: to start its own two flows again, and to say that it keeps up. Peers are named in full: see below. */
function askOfPeer(region: string, peer: string): string[] {
  const consumer = peerConsumer(region);
  return replicated(peer).flatMap((stream) => [reset(stream, consumer, apiOf(peer)), ...flowControl(stream, consumer)]);
}

/** The control bucket through the link: read all, change any region's state, report only oneself. No consumers: it is polled, not watched. */
function control(region: string): string[] {
  const api = apiOf(HUB);
  return [
    `${api}.INFO`,
    ...streamInfo(CONTROL, api),
    ...readMessages(CONTROL, api),
    `${api}.$KV.${CONTROL_BUCKET}.region.*`,
    `${api}.$KV.${CONTROL_BUCKET}.report.${region}`,
  ];
}

/**
 * The link of one region. A peer must be named in full: the hub passes a region's interest in `$JS.<region>.API.CONSUMER.>` on only to links whose
 * permissions collide with it token by token, so `$JS.*.API.CONSUMER.RESET.*.to_<region>` would source nothing, without an error anywhere.
 */
function linkPermissions(region: string, peers: readonly string[]): UserPermissions {
  const publish = [
    ...peers.flatMap((peer) => askOfPeer(region, peer)),
    replicationSubjects.log(region, '*'),
    replicationSubjects.registry(region, '*'),
    SOURCE_REPLIES,
    ...control(region),
    quorumSubject(region),
  ];
  const subscribe = [
    ...replicated(region).map((stream) => reset(stream, '*', apiOf(region))),
    replicationSubjects.log('*', region),
    replicationSubjects.registry('*', region),
    ...replicated(region).flatMap((stream) => flowControl(stream)),
    SOURCE_REPLIES,
    `_INBOX_${region}.>`,
    quorumSubject('*'),
  ];
  return {
    user: linkUser(region),
    purpose: `links ${region} to the hub`,
    entrance: 'leaf',
    permissions: { publish: { allow: publish }, subscribe: { allow: subscribe } },
  };
}

/** The users of the hub's nodes: the provisioner, and one link per region. */
export const hubUsers = (regions: readonly string[]): UserPermissions[] => [
  HUB_ADMIN,
  ...regions.map((region) =>
    linkPermissions(
      region,
      regions.filter((peer) => peer !== region),
    ),
  ),
];
