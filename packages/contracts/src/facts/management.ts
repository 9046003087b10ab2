import { z } from 'zod';
import { byWhomSchema } from './dead-letters.ts';
import { factIds } from './fact-ids.ts';

/**
 * `management.acted`: a command changed something. Written before the caller is answered. `action` is the method and the route, as
 * `PUT /v1/tenants/:tenantId`; `about` the path parameters. Bodies are left out, for they hold secrets.
 */
export const managementActedSchema = z.object({
  v: z.literal(1),
  region: z.string(),
  action: z.string(),
  about: z.record(z.string(), z.string()),
  status: z.int(),
  by: byWhomSchema,
  requestId: z.string().optional(),
  at: factIds.instant,
});
export type ManagementActed = z.infer<typeof managementActedSchema>;
