import type { DispatchFailure } from '@waybill/contracts';

/** What a dispatch call gave. Only `refused`, `moved`, `limited` and `unreached` are known to have started nothing. */
export type DispatchAnswer =
  | { readonly kind: 'started'; readonly runId?: string | undefined; readonly url?: string | undefined; readonly httpStatus: number }
  | { readonly kind: 'refused'; readonly reason: DispatchFailure; readonly detail: string; readonly httpStatus: number }
  | { readonly kind: 'moved'; readonly detail: string; readonly httpStatus: number }
  | { readonly kind: 'limited'; readonly retryAfterMs: number; readonly detail: string; readonly httpStatus: number }
  /** No connection was made, so nothing was sent. */
  | { readonly kind: 'unreached'; readonly detail: string }
  /** 5xx, a reset, a timeout, or cut off: a run may have started. */
  | { readonly kind: 'unknown'; readonly detail: string; readonly httpStatus?: number | undefined };

/** A run of a target workflow, as listing shows it. */
export interface ListedRun {
  readonly id: string;
  readonly url: string;
  readonly createdAt: string;
  /** Login of who started it. */
  readonly actor: string | undefined;
  readonly status: string;
  readonly conclusion: string | null;
}

/** One entry of the App's delivery list. Ids exceed 2^53. */
export interface HookDelivery {
  readonly id: string;
  /** `X-GitHub-Delivery`: the same for all tries. */
  readonly guid: string;
  readonly deliveredAt: string;
  readonly event: string;
  readonly action: string | undefined;
  readonly statusCode: number;
  readonly isRedelivery: boolean;
}
