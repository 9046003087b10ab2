import { bodyBuckets, bodySubjects, CONSUMERS, controlKeys, quorumSubject, streamNames, subjects } from '@waybill/contracts';

/** The region whose users are tried, and its peer. */
export const [us, eu] = ['us-central1', 'europe-west1'] as const;
export const { log, peers, retry } = streamNames(us);
export const registry = 'KV_registry';
export const bodies = bodyBuckets(us);
export const bodyParts = Object.values(bodies).map(({ bucket }) => bodySubjects(bucket).parts('a'));

/** A subject below the region's facts. */
export const own = (scope: 'g' | 'l', rest: string): string => `wb.${us}.${scope}.${rest}`;

const streamWrites = (stream: string): string[] =>
  ['STREAM.DELETE', 'STREAM.PURGE', 'STREAM.UPDATE', 'STREAM.MSG.DELETE', 'STREAM.CREATE'].map((verb) => `$JS.API.${verb}.${stream}`);

const consumerWrites = (stream: string, durable: string): string[] => [
  `$JS.API.CONSUMER.CREATE.${stream}`,
  `$JS.API.CONSUMER.CREATE.${stream}.${durable}`,
  `$JS.API.CONSUMER.CREATE.${stream}.${durable}.wb.g`,
  `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.${durable}`,
  `$JS.API.CONSUMER.DELETE.${stream}.${durable}`,
];

/** What no service may do. */
export const noServiceMay = [
  ...[log, peers, retry, registry, bodies.own.stream, bodies.copies.stream].flatMap(streamWrites),
  ...[CONSUMERS.planner, CONSUMERS.projector, CONSUMERS.dispatcherPlans, `to_${eu}`].flatMap((durable) => consumerWrites(log, durable)),
  ...consumerWrites(registry, `to_${eu}`),
  ...consumerWrites(retry, CONSUMERS.dispatcherDue),
  `$JS.API.CONSUMER.RESET.${log}.to_${eu}`,
  `$JS.API.CONSUMER.RESET.${log}.${CONSUMERS.planner}`,
  `$JS.API.CONSUMER.MSG.NEXT.${log}.to_${eu}`,
  '$JS.hub.API.STREAM.DELETE.KV_control',
  '$JS.hub.API.STREAM.PURGE.KV_control',
  '$JS.hub.API.CONSUMER.CREATE.KV_control.mine',
  `$JS.hub.API.$KV.control.${controlKeys.report(eu)}`,
  `$KV.registry.${eu}.tenant.a`,
  subjects.fact(eu, 'g', 'event.accepted'),
  `wb.${us}.x.event.accepted`,
  `xr.${eu}.to.${us}`,
  `$JS.${eu}.API.STREAM.INFO.${streamNames(eu).log}`,
  `$JS.${eu}.API.CONSUMER.RESET.${streamNames(eu).log}.to_${us}`,
  quorumSubject(eu),
  ...Object.values(bodyBuckets(eu)).map(({ bucket }) => bodySubjects(bucket).parts('a')),
];

/** One fact of each service that appends some. */
export const facts = {
  ingress: own('g', 'event.accepted'),
  planner: own('g', `plan.made.${us}`),
  dispatcher: own('g', 'delivery.attempted'),
};
const othersCursors = (stream: string, ...durables: string[]): string[] =>
  durables.flatMap((durable) => [`$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`, `$JS.ACK.${stream}.${durable}.1.1.1.1.1`]);

/** What the user in particular must not do, beside what none may. */
export const mayNot: Record<string, string[]> = {
  ingress: [
    facts.planner,
    facts.dispatcher,
    subjects.retryDue(us),
    quorumSubject(us),
    `$JS.hub.API.$KV.control.${controlKeys.report(us)}`,
    `$JS.API.STREAM.INFO.${retry}`,
    bodySubjects(bodies.copies.bucket).parts('a'),
    ...othersCursors(log, CONSUMERS.planner, CONSUMERS.projector),
  ],
  planner: [
    facts.ingress,
    facts.dispatcher,
    subjects.retryDue(us),
    `$KV.registry.${us}.tenant.a`,
    `$JS.hub.API.$KV.control.${controlKeys.region(us)}`,
    ...bodyParts,
    ...othersCursors(log, CONSUMERS.projector, CONSUMERS.dispatcherPlans),
  ],
  dispatcher: [
    facts.ingress,
    facts.planner,
    `$KV.registry.${us}.tenant.a`,
    `$KV.registry.${us}.source.a`,
    ...othersCursors(log, CONSUMERS.planner, CONSUMERS.projector),
    ...othersCursors(peers, CONSUMERS.projector),
  ],
  projector: [
    ...Object.values(facts),
    subjects.retryDue(us),
    `$KV.registry.${us}.tenant.a`,
    `$JS.hub.API.$KV.control.${controlKeys.region(us)}`,
    ...bodyParts,
    ...othersCursors(log, CONSUMERS.planner),
    ...othersCursors(peers, CONSUMERS.dispatcherPeers),
  ],
  operator: [
    ...Object.values(facts),
    subjects.retryDue(us),
    `$KV.registry.${us}.tenant.a`,
    `$JS.hub.API.$KV.control.${controlKeys.region(us)}`,
    ...bodyParts,
    ...othersCursors(log, CONSUMERS.planner),
    ...othersCursors(retry, CONSUMERS.dispatcherDue),
  ],
};
