import { z } from 'zod';

const name = z.string().regex(/^[A-Za-z0-9_.-]{1,100}$/);
const workflowFile = z.string().regex(/^[^/\s]{1,100}\.ya?ml$/, 'use the base name of a workflow file, as in cd.yml');

/** An operator's switch: dispatches that fit all members given are denied with `operator_paused` while it stands. Names are compared without regard to case. */
export const pauseSchema = z.object({
  id: z.string().regex(/^[a-z0-9_-]{1,64}$/),
  /** Owner of the target. */
  owner: name.optional(),
  /** The target, as owner/name. */
  repository: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,100}\/[A-Za-z0-9_.-]{1,100}$/, 'use owner/name')
    .optional(),
  workflow: workflowFile.optional(),
  /** The source, as owner/name; with `repository` and the workflows this is one edge. */
  sourceRepository: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,100}\/[A-Za-z0-9_.-]{1,100}$/, 'use owner/name')
    .optional(),
  sourceWorkflow: workflowFile.optional(),
  /** Runs that came in here. */
  region: z.string().optional(),
  reason: z.string().min(1).max(500),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type Pause = z.infer<typeof pauseSchema>;
