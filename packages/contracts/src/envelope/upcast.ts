import { type Envelope, envelopeV1Schema, envelopeV2Schema, envelopeV3Schema } from './envelope.ts';

type Json = Record<string, unknown>;

/** Version 1 to 2: the short names become the ones of today. */
export const upcastV1 = ({ id, type, time, tenant, ...rest }: Json): Json => ({
  ...rest,
  version: 2,
  minCompatible: 1,
  eventId: id,
  eventType: type,
  timestamp: time,
  tenantId: tenant,
});

/** Version 2 to 3: events of before belong to no source, and correlate only with themselves. `region` is where they are read. */
export const upcastV2 =
  (region: string) =>
  (envelope: Json): Json => ({
    region,
    source: 'unknown',
    correlationId: envelope['eventId'],
    ...envelope,
    version: 3,
  });

/**
 * Reads an envelope of any version as the newest one. A higher version than 3 is read as 3: its `minCompatible` allowed that, and what this
 * reader does not know is left out. Throws a ZodError when the shape is not what its version says.
 */
export function readEnvelope(value: Json, region: string): Envelope {
  // A producer may declare an older version for data in today's envelope: the names decide which shape it has.
  if (value['version'] === 1 && 'id' in value) return readEnvelope(upcastV1(envelopeV1Schema.parse(value)), region);
  if (value['version'] === 2) return envelopeV3Schema.parse(upcastV2(region)(envelopeV2Schema.parse(value)));
  return envelopeV3Schema.parse(value);
}
