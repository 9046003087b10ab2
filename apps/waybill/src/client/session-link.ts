import { z } from 'zod';
import type { Api } from './api.ts';

const linkSchema = z.object({ url: z.string(), expiresAt: z.string() });

/** Asks a region for a link that signs somebody in at its dashboard, once. Throws ApiError, as for a role that is none. */
export async function sessionLink(
  api: Api,
  holder: { readonly role?: string; readonly name?: string },
): Promise<z.infer<typeof linkSchema>> {
  return linkSchema.parse(await api.request('POST', '/v1/session-links', holder));
}
