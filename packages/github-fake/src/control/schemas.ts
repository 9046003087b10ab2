import { z } from 'zod';

export const runSchema = z.object({
  repository: z.string(),
  workflow: z.string(),
  conclusion: z.string().nullable().optional(),
  event: z.string().optional(),
  headBranch: z.string().nullable().optional(),
  headRepository: z.enum(['own', 'fork']).nullable().optional(),
  attempt: z.int().min(1).optional(),
  runId: z.string().regex(/^\d+$/u).optional(),
  withInstallation: z.boolean().optional(),
  guid: z.string().optional(),
  actor: z.string().optional(),
});

export const hookSchema = z.object({
  url: z.string().nullable().optional(),
  fault: z.enum(['lost', 'duplicate', 'reordered', 'delayed']).nullable().optional(),
  lagMs: z.number().min(0).optional(),
});

export const fileSchema = z.object({ repository: z.string(), path: z.string(), text: z.string().nullable() });

export const ownerSchema = z.object({
  login: z.string(),
  installed: z.boolean().exactOptional(),
  suspended: z.boolean().exactOptional(),
  permissions: z.record(z.string(), z.enum(['read', 'write'])).exactOptional(),
});

const workflowSchema = z.strictObject({
  dispatchable: z.boolean().exactOptional(),
  enabled: z.boolean().exactOptional(),
  blocked: z.boolean().exactOptional(),
  inputs: z.record(z.string(), z.strictObject({ required: z.boolean().exactOptional() })).exactOptional(),
  conclusion: z.string().exactOptional(),
  runsForMs: z.number().min(0).exactOptional(),
});

export const repositorySchema = z.strictObject({
  name: z.string().regex(/^[^/]+\/[^/]+$/u, 'is not owner/name'),
  defaultBranch: z.string().exactOptional(),
  private: z.boolean().exactOptional(),
  archived: z.boolean().exactOptional(),
  disabled: z.boolean().exactOptional(),
  installed: z.boolean().exactOptional(),
  issues: z.boolean().exactOptional(),
  branches: z.array(z.string()).exactOptional(),
  tags: z.array(z.string()).exactOptional(),
  files: z.record(z.string(), z.string()).exactOptional(),
  workflows: z.record(z.string(), workflowSchema).exactOptional(),
});

export const renameSchema = z.object({ from: z.string(), to: z.string() });

export const tokensSchema = z.object({ format: z.enum(['short', 'jwt']).optional(), revoke: z.boolean().optional() });

export const clockSchema = z.object({ advanceMs: z.number().min(0) });
