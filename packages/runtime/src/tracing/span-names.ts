/** Names of spans. None holds an id: a name is one kind of work. */
export const SPANS = {
  /** A request; followed by method and route, as in `POST /v1/tenants/:tenantId/events`. */
  request: (method: string, route: string): string => `${method} ${route}`,
  /** A message is stored; followed by the subject without its ids: `publish event.accepted`. */
  publish: (fact: string): string => `publish ${fact}`,
  /** A message is handled, from its arrival to its settlement: `process plan.made`. */
  process: (fact: string): string => `process ${fact}`,
  attempt: 'POST',
  dispatchWorkflow: 'dispatch workflow',
  decideDispatch: 'decide dispatch',
  /** A message is in the read models: `project delivery.attempted`. */
  project: (fact: string): string => `project ${fact}`,
  projectBatch: 'project batch',
  replay: 'replay',
  /** A job plans an event anew. */
  replayEvent: 'replay event',
  failover: 'failover',
} as const;

/**
 * Keys of span attributes. HTTP's are stable; those of messaging are still in development (semantic conventions 1.45), so they stand here alone, with the version they follow.
 */
export const SEMANTIC_CONVENTIONS = '1.45.0';
export const ATTRIBUTES = {
  system: 'messaging.system',
  operation: 'messaging.operation.name',
  operationType: 'messaging.operation.type',
  destination: 'messaging.destination.template',
  stream: 'messaging.destination.name',
  consumer: 'messaging.consumer.group.name',
  /** How often the broker has handed the message out; told from 2 on. */
  deliveryCount: 'waybill.message.delivery_count',
  batchCount: 'messaging.batch.message_count',
  cloudRegion: 'cloud.region',
  /** The region that accepted the event, and the one that this was done in. */
  regionHome: 'waybill.region.home',
  /** The region whose log has the message. */
  regionLog: 'waybill.region.log',
  regionExecuted: 'waybill.region.executed',
  regionEpoch: 'waybill.region.epoch',
  tenant: 'waybill.tenant.id',
  event: 'waybill.event.id',
  eventType: 'waybill.event.type',
  source: 'waybill.source.id',
  delivery: 'waybill.delivery.id',
  deliveries: 'waybill.deliveries',
  endpoint: 'waybill.endpoint.id',
  correlation: 'waybill.correlation.id',
  job: 'waybill.job.id',
  jobKind: 'waybill.job.kind',
  attempt: 'waybill.attempt',
  outcome: 'waybill.outcome',
  reason: 'waybill.reason',
  decision: 'waybill.decision',
  connectMs: 'waybill.attempt.connect_ms',
  firstByteMs: 'waybill.attempt.first_byte_ms',
  duplicate: 'waybill.duplicate',
  githubDelivery: 'waybill.github.delivery',
  repository: 'waybill.github.repository',
  workflow: 'waybill.github.workflow',
  githubRun: 'waybill.github.run',
  method: 'http.request.method',
  route: 'http.route',
  status: 'http.response.status_code',
  resendCount: 'http.request.resend_count',
  server: 'server.address',
  serverPort: 'server.port',
  errorType: 'error.type',
} as const;
