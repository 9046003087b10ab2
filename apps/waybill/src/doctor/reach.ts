import type { Bus } from '@waybill/transport';
import { type ConnectAs, connectTo, type Installation } from '../deployment/installation.ts';
import { messageOf } from './finding.ts';

/** A connection, or why there is none. Whoever asked closes it. */
export type Reached = { readonly bus: Bus } | { readonly failure: string };

const REACH_MS = 3_000;

/** Connects within three seconds, where a service would wait for ever. */
export async function reach(installation: Installation, as: ConnectAs): Promise<Reached> {
  const signal = AbortSignal.timeout(REACH_MS);
  try {
    return { bus: await connectTo(installation, { ...as, signal }) };
  } catch (error) {
    return { failure: signal.aborted ? `no answer within ${REACH_MS / 1000} s` : messageOf(error) };
  }
}
