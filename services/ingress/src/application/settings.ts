import { z } from 'zod';

/** What a region runs with, as it may be shown to everybody who is signed in. */
export const settingsSchema = z
  .object({
    region: z.string(),
    version: z.string(),
    variables: z.array(
      z.object({
        name: z.string(),
        value: z.unknown().optional().meta({ description: 'Absent when it is not set, or masked' }),
        masked: z.boolean().optional(),
        isDefault: z.boolean(),
      }),
    ),
    regions: z.array(z.looseObject({ id: z.string() })).meta({ description: 'As REGIONS_CONFIG declares them, keys masked' }),
    eventSchema: z.object({ version: z.int(), minCompatible: z.int() }),
    traceLink: z.string().optional().meta({ description: 'TRACE_LINK_TEMPLATE: {traceId} and {eventId} stand for the ids' }),
    flags: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Settings' });
export type Settings = z.output<typeof settingsSchema>;
export type Variable = Settings['variables'][number];
