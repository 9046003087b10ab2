import {
  envelopeV3Schema,
  GITHUB_SOURCE,
  githubTenantId,
  type GithubRun,
  RUN_COMPLETED_TYPE,
  type TenantId,
  WaybillError,
} from '@waybill/contracts';
import { readWorkflowRun } from '@waybill/dispatching';
import { z } from 'zod';
import { bodyHashOf, githubKeyHash } from '../../domain/idempotency-key.ts';
import type { AcceptEvent, Accepted } from '../accept-event.ts';
import { parseWith } from '../parse-with.ts';
import type { IncomingWebhook } from '../receive-webhook.ts';
import type { WebhookCounts } from './webhook-counts.ts';

/** A webhook that nothing follows from: all but finished workflow runs. */
export interface Ignored {
  readonly ignored: true;
  readonly reason: 'ignored_event';
}
const IGNORED: Ignored = { ignored: true, reason: 'ignored_event' };

/** Longest value of a header that is looked at. */
const headerSchema = z.string().min(1).max(200);
const actionSchema = z.looseObject({ action: z.string().max(100).optional().catch(undefined) });
const ownerSchema = z.object({ owner: envelopeV3Schema.shape.tenantId });
const SOURCE = envelopeV3Schema.shape.source.parse(GITHUB_SOURCE);

export interface ReceiveGithubPorts {
  readonly accept: AcceptEvent;
  /** Whether one of the App's secrets signed exactly these bytes; takes the same time whatever of it is wrong. */
  readonly isSigned: (body: Buffer, signature: string) => Promise<boolean>;
  readonly counts: WebhookCounts;
  /** Host name of the GitHub that the App is registered at. */
  readonly host: string;
  readonly nowMs: () => number;
}

/**
 * Takes one webhook of the GitHub App in; resolves only after the stream's ack. A delivery that was stored before, under whichever secret and in
 * whichever region, is answered as its duplicate. Throws WB_BAD_REQUEST, WB_SIGNATURE_MISSING, WB_SIGNATURE_INVALID, WB_SCHEMA_VIOLATION, and what
 * AcceptEvent throws.
 */
export type ReceiveGithub = (webhook: Omit<IncomingWebhook, 'sourceId'>) => Promise<Accepted | Ignored>;

/** Builds the use case. Nothing is looked up, parsed or remembered before the signature is known to be good: a forged delivery cannot take an id away. */
export function receiveGithub(ports: ReceiveGithubPorts): ReceiveGithub {
  return async ({ header, body, visit }) => {
    const event = required(header, 'x-github-event');
    const guid = required(header, 'x-github-delivery');
    await checkSignature(ports, header('x-hub-signature-256'), body);
    const action = actionOf(body);
    if (event !== 'workflow_run' || action !== 'completed') {
      ports.counts.ignored(event, action);
      return IGNORED;
    }
    const run = runOf(ports, body);
    const accepted = await ports.accept({ ...eventOf(ports, run, guid), visit });
    ports.counts.accepted(accepted);
    return accepted;
  };
}

function required(header: IncomingWebhook['header'], name: string): string {
  const value = headerSchema.safeParse(header(name));
  if (value.success) return value.data;
  throw new WaybillError('WB_BAD_REQUEST', `the header ${name} is missing, or longer than every one that GitHub sends`);
}

async function checkSignature({ isSigned, counts, nowMs }: ReceiveGithubPorts, signature: string | undefined, body: Buffer): Promise<void> {
  if (signature === undefined || signature === '') {
    counts.forged();
    throw new WaybillError('WB_SIGNATURE_MISSING', 'the header x-hub-signature-256 is missing: set the webhook secret of the App');
  }
  if (!(await isSigned(body, signature))) {
    counts.forged();
    throw new WaybillError('WB_SIGNATURE_INVALID', 'no webhook secret of the App made the signature in x-hub-signature-256');
  }
  counts.signed(nowMs());
}

function actionOf(body: Buffer): string | undefined {
  try {
    return actionSchema.parse(JSON.parse(body.toString('utf8'))).action;
  } catch (error) {
    throw new WaybillError('WB_MALFORMED_JSON', 'the signed body is not a JSON object', { cause: error });
  }
}

/** A refusal here shows in the App's list of deliveries, where somebody can see it; nothing else would tell. */
function runOf({ host, counts }: ReceiveGithubPorts, body: Buffer): GithubRun {
  const read = readWorkflowRun(body.toString('utf8'), host);
  if (read !== undefined) return read.run;
  counts.unreadable();
  throw new WaybillError('WB_SCHEMA_VIOLATION', 'this workflow_run lacks what a decision needs, such as the id and path of the run');
}

function tenantOf(run: GithubRun): TenantId {
  return parseWith(ownerSchema, { owner: githubTenantId(run.repository.owner) }).owner;
}

/** What is stored is what was read of the webhook. A later version may read more of the same bytes, so the delivery's id alone tells a repeat. */
function eventOf({ host }: ReceiveGithubPorts, run: GithubRun, guid: string): Parameters<AcceptEvent>[0] {
  const data = Buffer.from(JSON.stringify(run));
  return {
    tenantId: tenantOf(run),
    source: SOURCE,
    eventType: RUN_COMPLETED_TYPE,
    factType: 'run.completed',
    data,
    key: { hash: githubKeyHash(host, guid), bodyHash: bodyHashOf(data), anyBody: true },
  };
}
