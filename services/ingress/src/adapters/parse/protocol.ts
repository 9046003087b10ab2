import type { ErrorCode } from '@waybill/contracts';
import type { Payload } from '../../domain/parse-payload.ts';
import type { Wanted } from '../../domain/parse-wanted.ts';

/** A body to parse, one at a time. */
export interface ParseQuestion {
  readonly bytes: Uint8Array;
  readonly wanted: Wanted;
}

export type ParseReply =
  | { readonly kind: 'parsed'; readonly payload: Payload }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly detail: string; readonly extra: Record<string, unknown> }
  | { readonly kind: 'failed'; readonly detail: string };
