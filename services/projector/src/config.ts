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
  /** Where it is noted which migrations ran. To be chosen before the first start: under another name they would run again, and fail. */
  DB_MIGRATIONS_TABLE: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,55}$/, 'use a-z, 0-9 and _')
    .optional(),
});
export type ProjectorConfig = z.output<typeof projectorConfigSchema>;
