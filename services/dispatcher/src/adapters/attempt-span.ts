import type { AttemptOutcome } from '@waybill/contracts';
import { ATTRIBUTES, type Attributes, type SpanRecord, SPANS } from '@waybill/runtime';
import type { SeenAttempt } from '../application/attempt-ports.ts';
import { isDispatch } from '../domain/dispatch/dispatch-endpoint.ts';
import type { TracePlace } from '../domain/trace-place.ts';

/** An attempt as its trace shows it. Of the receiver it names host and port alone: path, query and user may hold secrets. */
export function attemptSpan(seen: SeenAttempt, { context, parent, links }: TracePlace): SpanRecord {
  const { at, durationMs, outcome, endpointId } = seen.fact;
  const startMs = Date.parse(at);
  const isGithub = isDispatch(endpointId);
  return {
    name: isGithub ? SPANS.dispatchWorkflow : SPANS.attempt,
    kind: 'client',
    context,
    parent,
    links,
    startMs,
    endMs: startMs + durationMs,
    attributes: { ...aboutAttempt(seen), ...(isGithub ? aboutDispatch(seen) : aboutReceiver(seen)) },
    error: outcome.kind === 'accepted' ? undefined : outcome.reason,
  };
}

function aboutAttempt({ fact, due, payload }: SeenAttempt): Attributes {
  const { outcome, region } = fact;
  return {
    [ATTRIBUTES.cloudRegion]: region,
    [ATTRIBUTES.regionHome]: payload?.acceptedIn,
    [ATTRIBUTES.regionExecuted]: region,
    [ATTRIBUTES.tenant]: fact.tenantId,
    [ATTRIBUTES.event]: fact.eventId,
    [ATTRIBUTES.eventType]: payload?.eventType,
    [ATTRIBUTES.correlation]: payload?.correlationId,
    [ATTRIBUTES.delivery]: fact.deliveryId,
    [ATTRIBUTES.endpoint]: fact.endpointId,
    [ATTRIBUTES.job]: due.replay,
    [ATTRIBUTES.attempt]: fact.attempt,
    [ATTRIBUTES.outcome]: outcome.kind,
    [ATTRIBUTES.reason]: outcome.kind === 'accepted' ? undefined : outcome.reason,
    [ATTRIBUTES.status]: outcome.httpStatus,
    [ATTRIBUTES.errorType]: errorTypeOf(outcome),
  };
}

function aboutReceiver({ fact: { phases, attempt }, endpoint }: SeenAttempt): Attributes {
  const url = URL.parse(endpoint.url);
  const defaultPort = url?.protocol === 'https:' ? 443 : 80;
  return {
    [ATTRIBUTES.method]: 'POST',
    [ATTRIBUTES.server]: url?.hostname,
    [ATTRIBUTES.serverPort]: url === null ? undefined : Number(url.port || defaultPort),
    [ATTRIBUTES.resendCount]: attempt === 1 ? undefined : attempt - 1,
    [ATTRIBUTES.connectMs]: phases?.connectMs,
    [ATTRIBUTES.firstByteMs]: phases?.firstByteMs,
  };
}

function aboutDispatch({ fact: { outcome }, payload }: SeenAttempt): Attributes {
  const target = payload?.dispatch?.target;
  return {
    [ATTRIBUTES.repository]: target && `${target.owner}/${target.repo}`,
    [ATTRIBUTES.workflow]: target?.workflow,
    [ATTRIBUTES.githubRun]: outcome.kind === 'accepted' ? outcome.run?.id : undefined,
  };
}

/** The status where it is what failed, as the semantic conventions have it. */
function errorTypeOf(outcome: AttemptOutcome): string | undefined {
  if (outcome.kind === 'accepted') return undefined;
  return outcome.reason === 'http_status' || outcome.reason === 'redirect' ? String(outcome.httpStatus) : outcome.reason;
}
