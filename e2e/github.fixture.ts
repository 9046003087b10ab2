import { createHmac } from 'node:crypto';
import type { ReceivedRequest, Receiver } from '@waybill/testkit';
import { z } from 'zod';
import type { LocalStack } from './stack.fixture.ts';

export const SOURCE = 'acme/my-source-repo';
/** What the App of the local GitHub signs its webhooks with. */
export const WEBHOOK_SECRET = 'a-webhook-secret-of-the-fake';

const targetSchema = z.object({
  repo: z.string(),
  ref: z.string().nullable(),
  state: z.string(),
  reason: z.string().nullable(),
  run: z.object({ id: z.string(), conclusion: z.string().nullable(), endedAt: z.string().nullable() }).nullable(),
});
/** What `GET /v1/dispatches/{eventId}` tells, as far as these tests look at it. */
export const storySchema = z.object({
  eventId: z.string(),
  region: z.string(),
  state: z.string(),
  run: z.object({ id: z.string(), sha: z.string().optional() }),
  skip: z.object({ reason: z.string() }).nullable(),
  report: z.object({ checkRunId: z.string().nullable() }).nullable(),
  targets: z.array(targetSchema),
});
export type Story = z.output<typeof storySchema>;

const ledgerSchema = z.object({
  dispatches: z.array(z.object({ repo: z.string(), ref: z.string(), inputs: z.record(z.string(), z.unknown()), runId: z.string() })),
  checkRuns: z.array(
    z.object({ id: z.number(), repository: z.string(), headSha: z.string(), externalId: z.string(), summary: z.string().nullable() }),
  ),
});
type Ledger = z.output<typeof ledgerSchema>;

/** The GitHub of a stack, which is another process, by its control routes. */
export class StackGithub {
  readonly #stack: LocalStack;

  constructor(stack: LocalStack) {
    this.#stack = stack;
  }

  async ledger(): Promise<Ledger> {
    return ledgerSchema.parse(await this.#call('GET', 'ledger'));
  }

  /** Makes or changes a repository with its files and workflows. */
  async repository(name: string, options: object): Promise<void> {
    await this.#call('POST', 'repository', { name, ...options });
  }

  /** Finishes a run of `ci.yml`, of which GitHub tells this address; gives the run's id. */
  async finished(hookUrl: string, repository = SOURCE): Promise<string> {
    await this.#call('POST', 'hook', { url: hookUrl });
    const { runId } = z.object({ runId: z.string() }).parse(await this.#call('POST', 'finish-run', { repository, workflow: 'ci.yml' }));
    return runId;
  }

  /** Runs that somebody was told of, and took. */
  async taken(): Promise<string[]> {
    const deliveries = z.array(z.object({ statusCode: z.number(), runId: z.string() })).parse(await this.#call('GET', 'deliveries'));
    return deliveries.filter(({ statusCode }) => statusCode === 202).map(({ runId }) => runId);
  }

  /** Finishes a run of `ci.yml` whose webhook goes to nobody but the caller, who may then deliver it as GitHub would. */
  async undelivered(receiver: Receiver, repository = SOURCE): Promise<{ webhook: ReceivedRequest; runId: string }> {
    const runId = await this.finished(`${receiver.url}/undelivered`, repository);
    await this.#call('POST', 'settled');
    const webhook = receiver.requests.findLast(({ body }) => body.includes(runId));
    if (webhook === undefined) throw new Error(`no webhook tells of run ${runId}`);
    return { webhook, runId };
  }

  async #call(method: string, action: string, body?: object): Promise<unknown> {
    const { githubUrl } = await this.#stack.state();
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${githubUrl}/_control/${action}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    if (!response.ok) throw new Error(`${action}: ${response.status} ${await response.text()}`);
    return response.json();
  }
}

export const signed = (body: string, secret: string): string => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
