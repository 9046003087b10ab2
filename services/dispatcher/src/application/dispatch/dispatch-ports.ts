import type { DispatchIntended, DispatchSettled, DispatchTarget, GithubRun, Scope } from '@waybill/contracts';
import type { Denial } from '@waybill/dispatching';
import type { DispatchAnswer } from '@waybill/github';
import type { CandidateRun } from '../../domain/dispatch/find-own-run.ts';

/** No usable answer: GitHub cannot be reached, or asks to slow down for so many ms. */
export type NoAnswer =
  | { readonly kind: 'away'; readonly detail: string }
  | { readonly kind: 'limited'; readonly detail: string; readonly retryAfterMs: number };

/** Runs that our App started. `refused`: GitHub shows none to us, and says why. */
export type Listing =
  | { readonly kind: 'listed'; readonly runs: readonly CandidateRun[] }
  | { readonly kind: 'refused'; readonly status: number; readonly detail: string }
  | NoAnswer;

/** Whether the target still takes the dispatch. */
export type Consent = { readonly kind: 'given' } | { readonly kind: 'denied'; readonly denial: Denial } | NoAnswer;

/** What is asked of GitHub. Never rejects. */
export interface GithubCalls {
  /** One call; nothing is repeated. */
  start(target: DispatchTarget, signal: AbortSignal): Promise<DispatchAnswer>;
  /** Runs of the target's workflow on its ref that our App started by a dispatch since then, ms since 1970. */
  runsOf(target: DispatchTarget, sinceMs: number): Promise<Listing>;
  /** Reads the target's file again. */
  consent(source: { readonly run: GithubRun; readonly acceptedIn: string }, target: DispatchTarget): Promise<Consent>;
}

/** What was said of dispatches, in this region and in the others as far as it has arrived. Both reject only when the process stops. */
export interface FollowedFacts {
  /** Resolves when all there was at the start is known. */
  loaded(): Promise<void>;
  /** Resolves when all is known that was there when it was called. */
  catchUp(): Promise<void>;
}

/** Writes, repeated until NATS has them; they reject only when the process stops. */
export interface DispatchWrites {
  /** `nth`: which intent of this dispatch it is. Resolves with false when another process of the region had stored an intent under that number. */
  readonly appendIntended: (fact: DispatchIntended, of: { readonly scope: Scope; readonly nth: number }) => Promise<boolean>;
  readonly appendSettled: (fact: DispatchSettled, scope: Scope) => Promise<void>;
}
