import { baseConfigSchema } from '@waybill/runtime';
import { z } from 'zod';

/** What the projector reads from the environment. */
export const projectorConfigSchema = baseConfigSchema.extend({
  /** PostgreSQL to keep the read models in; not set: a SQLite file in DATA_DIR. */
  DATABASE_URL: z
    .string()
    .regex(/^postgres(?:ql)?:\/\//, 'use postgres://user:password@host/database')
    .optional(),
  DATA_DIR: z.string().min(1).default('.waybill'),
});
export type ProjectorConfig = z.output<typeof projectorConfigSchema>;
