import { type DispatchSwept, dispatchSweptSchema, type Envelope, envelopeV3Schema, githubRunSchema, streamNames } from '@waybill/contracts';
import { GithubFake } from '@waybill/github-fake';
import { type Bus, scanStream } from '@waybill/transport';
import type { z } from 'zod';
import { REGION } from './ingress-under-test.ts';

export const REPOSITORY = 'acme/my-source-repo';
const KEPT_SECRETS = ['a-webhook-secret-of-the-fake', 'an-older-webhook-secret'];

/** A fake GitHub with one repository in which runs end. */
export async function startGithub(): Promise<GithubFake> {
  const fake = await GithubFake.start();
  fake.owner('acme');
  fake.repository(REPOSITORY, { workflows: { 'ci.yml': {} } });
  return fake;
}

/** What an ingress is told about the fake. */
export function githubEnv(fake: GithubFake): Record<string, string> {
  return {
    GITHUB_APP_ID: fake.app.id,
    GITHUB_APP_SLUG: fake.app.slug,
    GITHUB_APP_PRIVATE_KEY: fake.app.privateKey,
    GITHUB_WEBHOOK_SECRET: KEPT_SECRETS.join(', '),
    GITHUB_API_URL: fake.url,
    GITHUB_HOST: 'github.test',
    ALLOWED_OWNERS: 'acme',
    GITHUB_SWEEP_SECONDS: '1',
    GITHUB_REDELIVERIES_PER_SECOND: '20',
  };
}

let guids = 0;

/** Headers of a webhook of the App, each time under another guid. */
export function hookHeaders(fake: GithubFake, body: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    'x-github-event': 'workflow_run',
    'x-github-delivery': `guid-${(guids += 1)}`,
    'x-hub-signature-256': fake.sign(body),
    ...more,
  };
}

/** A finished run as it was stored. */
export interface StoredRun {
  readonly subject: string;
  readonly head: Envelope;
  readonly run: z.output<typeof githubRunSchema>;
}

/** All that a region's LOG holds of one kind, in order. */
async function bodiesOf(bus: Bus, kind: string, region: string): Promise<{ subject: string; body: unknown }[]> {
  const stream = streamNames(region).log;
  const found: { subject: string; body: unknown }[] = [];
  if ((await bus.jsm.streams.info(stream)).state.messages === 0) return found;
  await scanStream(bus, { stream, subjects: [`wb.*.*.${kind}`] }, ({ subject, body }) => {
    found.push({ subject, body: JSON.parse(Buffer.from(body).toString()) });
  });
  return found;
}

export async function storedRuns(bus: Bus, region = REGION): Promise<StoredRun[]> {
  const found = await bodiesOf(bus, 'run.completed', region);
  return found.map(({ subject, body }) => {
    const head = envelopeV3Schema.parse(body);
    return { subject, head, run: githubRunSchema.parse(head.data) };
  });
}

export async function sweptFactsIn(bus: Bus, region = REGION): Promise<DispatchSwept[]> {
  return (await bodiesOf(bus, 'dispatch.swept', region)).map(({ body }) => dispatchSweptSchema.parse(body));
}
