import type { Attempt } from './event-story.ts';

/** What happened to an attempt, after "the receiver" or "it"; those that GitHub caused are told on the page of the dispatch. */
const HAPPENED: Readonly<Record<string, string>> = {
  redirect: 'answered with a redirect, which is not followed',
  timeout: 'gave no whole answer within the time limit',
  connection_failed: 'could not be connected to',
  dns_failed: 'has a name that does not resolve',
  tls_failed: 'could not agree on TLS',
  response_broken: 'broke its answer off',
  egress_denied: 'has an address that this deployment may not reach',
  gone: 'answered that it is gone for good',
  fenced: 'was cut off, because the region lost its lease',
  rate_limited: 'asked to slow down',
  outcome_unknown: 'may have started a run; that is looked for first',
  waiting_for_other: 'waits for another dispatch of the same workflow',
};

/** What came of an attempt in a few words, as "answered 503". */
export function attemptWords({ outcome, httpStatus, reason }: Pick<Attempt, 'outcome' | 'httpStatus' | 'reason'>): string {
  if (outcome === 'accepted' || reason === null || reason === 'http_status')
    return httpStatus === null ? 'succeeded' : `answered ${httpStatus}`;
  return HAPPENED[reason] ?? reason.replaceAll('_', ' ');
}

/** What came of an attempt as short as it can be said: the status, else the reason, as "tls failed". */
export const shortWords = (httpStatus: number | null, reason: string | null): string =>
  reason === null || reason === 'http_status' ? (httpStatus === null ? '–' : `HTTP ${httpStatus}`) : reason.replaceAll('_', ' ');

const TO_DO: readonly (readonly [reasons: readonly string[], todo: string])[] = [
  [['egress_denied'], 'Give it an address that may be reached, or allow this one for the deployment.'],
  [['dns_failed', 'connection_failed', 'tls_failed'], 'See whether the receiver is up and its address is right.'],
  [['timeout', 'response_broken'], 'The receiver should answer first and work afterwards; see how it is doing.'],
  [['redirect'], 'Register the address that it redirects to.'],
];

/** What a person can do about a failed attempt. */
export function remedyWords({ httpStatus, reason }: Pick<Attempt, 'httpStatus' | 'reason'>): string {
  const known = TO_DO.find(([reasons]) => reason !== null && reasons.includes(reason))?.[1];
  if (known !== undefined) return known;
  if (httpStatus === 401 || httpStatus === 403)
    return 'The receiver does not take our signature or headers: compare its secret with that of the endpoint.';
  if (httpStatus === 404) return 'The receiver does not know this path: compare it with the URL of the endpoint.';
  if (httpStatus === 429) return 'The receiver wants less at a time: give the endpoint a rate limit.';
  if (httpStatus !== null && httpStatus >= 400 && httpStatus < 500) return 'The receiver refuses what it is sent: its answer says why.';
  return 'The receiver has a fault: its answer and its own log say more.';
}
