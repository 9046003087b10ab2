import { eventTypeSchema, type Source } from '@waybill/contracts';

/** What the type of a webhook may be read from. `header` takes a lower-case name. */
export interface TypedWebhook {
  readonly header: (name: string) => string | undefined;
  readonly body: unknown;
}

const isEventType = (text: unknown): text is string => typeof text === 'string' && eventTypeSchema.safeParse(text).success;
const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
const atPath = (value: unknown, path: string): unknown => path.split('.').reduce(member, value);
/** Topics such as `orders/create` become dotted names. */
const dotted = (topic: string | undefined): string | undefined => topic?.trim().replaceAll('/', '.');

const BODY_MEMBERS = ['type', 'event', 'event_type'] as const;

function byRule(rule: NonNullable<Source['eventType']>, webhook: TypedWebhook): unknown[] {
  const fromHeader = rule.header === undefined ? undefined : dotted(webhook.header(rule.header.toLowerCase()));
  const fromField = rule.field === undefined ? undefined : atPath(webhook.body, rule.field);
  return [fromHeader, fromField, rule.fixed];
}

function byCustom({ header, body }: TypedWebhook): unknown[] {
  const github = header('x-github-event');
  return [
    github === undefined ? undefined : `github.${github.trim()}`,
    dotted(header('x-shopify-topic')),
    ...BODY_MEMBERS.map((name) => member(body, name)),
  ];
}

/** All that `eventTypeOf` may look at in a body, as dotted paths. */
export const eventTypePaths = ({ eventType }: Pick<Source, 'eventType'>): string[] =>
  eventType?.field === undefined ? [...BODY_MEMBERS] : [eventType.field, ...BODY_MEMBERS];

/**
 * The event type of a webhook: by the source's rule, else what providers are known to send, else `<sourceId>.received`.
 * What is found but is no valid event type is passed over. Pure; never throws.
 */
export function eventTypeOf(source: Pick<Source, 'id' | 'eventType'>, webhook: TypedWebhook): string {
  const rule = source.eventType;
  const prefixed = (type: unknown): unknown => (rule?.prefix === undefined || typeof type !== 'string' ? type : `${rule.prefix}.${type}`);
  const candidates = rule === undefined ? byCustom(webhook) : [...byRule(rule, webhook), ...byCustom(webhook)];
  return candidates.map(prefixed).find(isEventType) ?? `${source.id}.received`;
}
