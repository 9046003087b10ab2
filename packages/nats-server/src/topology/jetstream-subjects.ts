/**
 * The subjects that a call of nats.js 3.4 asks on, and those that answer it. Read in @nats-io/jetstream and kv 3.4.0, tried on nats-server 2.15.1.
 */

/** Where a domain's JetStream listens; without a domain the one that the client is connected to. */
export const apiOf = (domain?: string): string => (domain === undefined ? '$JS.API' : `$JS.${domain}.API`);

/** What a stream holds, and its configuration. */
export const streamInfo = (stream: string, api = apiOf()): string[] => [`${api}.STREAM.INFO.${stream}`];

/** One message by sequence or subject: from any copy, or from the leader alone. */
export const readMessages = (stream: string, api = apiOf()): string[] => [
  `${api}.DIRECT.GET.${stream}`,
  `${api}.DIRECT.GET.${stream}.>`,
  `${api}.STREAM.MSG.GET.${stream}`,
];

/**
 * Reading a stream in order, through an ephemeral consumer under a name of its own. Not on the subject without a name, on which nats.js asks when there
 * are several filters: such a request may name any consumer in its body, and change it (2.15.1).
 */
export const scan = (stream: string, api = apiOf()): string[] => [
  ...streamInfo(stream, api),
  `${api}.CONSUMER.CREATE.${stream}.*`,
  `${api}.CONSUMER.INFO.${stream}.*`,
  `${api}.CONSUMER.MSG.NEXT.${stream}.*`,
  `${api}.CONSUMER.DELETE.${stream}.*`,
];

/** What a scan's wildcards must not reach: other people's cursors, and the settings of one's own. */
export const keepOff = (stream: string, durables: readonly string[], own: readonly string[] = []): string[] =>
  durables.flatMap((durable) => [
    `${apiOf()}.CONSUMER.CREATE.${stream}.${durable}`,
    `${apiOf()}.CONSUMER.DELETE.${stream}.${durable}`,
    ...(own.includes(durable) ? [] : [`${apiOf()}.CONSUMER.MSG.NEXT.${stream}.${durable}`]),
  ]);

/** Working off a durable consumer that exists. Acks have two shapes; the server chooses (`js_ack_fc_v2`). */
export const work = (stream: string, durable: string): string[] => [
  `${apiOf()}.CONSUMER.INFO.${stream}.${durable}`,
  `${apiOf()}.CONSUMER.MSG.NEXT.${stream}.${durable}`,
  `$JS.ACK.${stream}.${durable}.>`,
  `$JS.ACK.*.*.${stream}.${durable}.>`,
];

/** Putting the cursor of a durable consumer elsewhere. */
export const reset = (stream: string, durable: string, api = apiOf()): string => `${api}.CONSUMER.RESET.${stream}.${durable}`;

/** Flow control of a push consumer, in both shapes. Without it a flow stops after a thousand messages, and nothing says so. */
export const flowControl = (stream: string, consumer = '>'): string[] => {
  const last = consumer === '>' ? '>' : `${consumer}.*`;
  return [`$JS.FC.${stream}.${last}`, `$JS.FC.*.*.${stream}.${last}`];
};

/** Answers to the requests with which a server asks another one for its consumer. */
export const SOURCE_REPLIES = '$JSC.R.>';
