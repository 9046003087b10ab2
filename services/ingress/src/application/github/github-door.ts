import { WaybillError } from '@waybill/contracts';
import { z } from 'zod';
import type { ReceiveGithub } from './receive-github.ts';

const count = z.int();

/** What `GET /admin/github` shows. No secret, no key, no token. */
export const githubViewSchema = z
  .object({
    app: z.object({ id: z.string(), slug: z.string().nullable() }),
    host: z.string(),
    /** Since this process started. */
    webhooks: z.object({
      stored: count,
      duplicates: count,
      forged: count,
      unreadable: count,
      lastAt: z.string().optional(),
      ignored: z.array(z.object({ event: z.string(), action: z.string().optional(), count })).readonly(),
    }),
    sweeper: z.object({
      state: z.enum(['elsewhere', 'starting', 'sweeping', 'waiting']),
      detail: z.string().optional(),
      sweptTo: z.string().optional(),
      behindSeconds: z.number().optional(),
      gapSeconds: z.number(),
      waiting: count,
      givenUp: count,
      redelivered: count,
    }),
  })
  .meta({ id: 'Github' });
export type GithubView = z.output<typeof githubViewSchema>;

/** Where GitHub comes in, and what is known of that. */
export interface GithubDoor {
  readonly receive: ReceiveGithub;
  readonly show: () => GithubView;
  /** Begins to look for webhooks that did not arrive; once the service listens, for what is asked for again comes in by its door. */
  readonly startSweeping: () => void;
}

function off(): never {
  throw new WaybillError('WB_GITHUB_OFF', 'this deployment has no GitHub App');
}

/** The door without an App: everything throws WB_GITHUB_OFF. */
export const githubOff: GithubDoor = { receive: async () => off(), show: off, startSweeping: () => undefined };
