import {
  type EnvelopeHead,
  type EventSchema,
  judgeVersion,
  readEnvelope,
  type RefusalReason,
  splitRawData,
  versionGateSchema,
} from '@waybill/contracts';

/** What the log says about one accepted event: readable, set aside by its version, or not readable at all. */
export type Reading =
  | { readonly kind: 'readable'; readonly event: EnvelopeHead; readonly data: Buffer }
  | {
      readonly kind: 'refused';
      readonly verdict: RefusalReason;
      readonly detail: string;
      readonly about: AboutRefused;
      readonly correlationId: string | undefined;
    };

/** As much of a refused event as could be read. */
export interface AboutRefused {
  readonly eventId: string;
  readonly tenantId: string;
  readonly eventType: string;
  readonly version: number;
}

/** Reads `event.accepted` as the newest version after the version gate. The payload's bytes are not parsed. Never throws. */
export function readAccepted(body: Uint8Array, region: string, schema: EventSchema): Reading {
  try {
    const { head, data } = splitRawData(body);
    const gate = versionGateSchema.parse(head);
    const verdict = judgeVersion(gate, schema);
    if (verdict !== 'accept')
      return { kind: 'refused', verdict, detail: describe(gate, schema), about: aboutOf(head), correlationId: correlationOf(head) };
    const { data: _parsedElsewhere, ...event } = readEnvelope({ ...gate, data: null }, region);
    return { kind: 'readable', event, data };
  } catch (error) {
    const detail = error instanceof Error ? error.message.slice(0, 500) : String(error);
    return { kind: 'refused', verdict: 'poison', detail, about: aboutOf(undefined), correlationId: undefined };
  }
}

function describe(event: { version: number; minCompatible: number }, schema: EventSchema): string {
  return `event version ${event.version} (min ${event.minCompatible}), reader ${schema.version} (min ${schema.minCompatible})`;
}

const fieldsOf = (head: unknown): ReadonlyMap<string, unknown> =>
  new Map(typeof head === 'object' && head !== null ? Object.entries(head) : []);

const correlationOf = (head: unknown): string | undefined => firstText(fieldsOf(head), 'correlationId') || undefined;

function aboutOf(head: unknown): AboutRefused {
  const fields = fieldsOf(head);
  const version = fields.get('version');
  return {
    eventId: firstText(fields, 'eventId', 'id'),
    tenantId: firstText(fields, 'tenantId', 'tenant'),
    eventType: firstText(fields, 'eventType', 'type'),
    version: typeof version === 'number' ? version : 0,
  };
}

function firstText(fields: ReadonlyMap<string, unknown>, ...names: string[]): string {
  for (const name of names) {
    const value = fields.get(name);
    if (typeof value === 'string') return value;
  }
  return '';
}
