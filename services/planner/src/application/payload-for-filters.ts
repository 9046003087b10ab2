import type { BodyOutcome } from '@waybill/bodies';
import type { BodyRef, Endpoint, Scope } from '@waybill/contracts';
import { type Addressed, asksForData, LOST_DATA } from '../domain/choose-endpoints.ts';

/** Gets a large payload from wherever it lies. Who gets it must release it. Rejects when this region's own NATS is away. */
export type HoldBody = (ref: BodyRef, scope: Scope) => Promise<BodyOutcome>;

/** A payload that a filter needs lies in a region that cannot be asked now. */
export class PayloadAway extends Error {}

/** An event as far as filters look at it. */
export interface Filtered {
  readonly event: Addressed & { readonly bodyRef?: BodyRef | undefined };
  readonly scope: Scope;
  readonly data: Uint8Array;
  readonly endpoints: readonly Endpoint[];
}

/** How filters get at the payload of an event. One that lies in the body store is loaded only when a filter asks. Throws PayloadAway. */
export async function payloadForFilters(holdBody: HoldBody, { event, scope, data, endpoints }: Filtered): Promise<() => unknown> {
  const { bodyRef } = event;
  if (bodyRef === undefined) return () => parse(data);
  if (!asksForData(event, endpoints)) return () => undefined;
  const found = await holdBody(bodyRef, scope);
  if (found.kind === 'away') throw new PayloadAway(`the payload that a filter needs cannot be had: ${found.detail}`);
  if (found.kind === 'lost') return () => LOST_DATA;
  try {
    const value = parse(found.body);
    return () => value;
  } finally {
    found.release();
  }
}

const parse = (data: Uint8Array): unknown => JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8'));
