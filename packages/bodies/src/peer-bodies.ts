import type { BodyRef } from '@waybill/contracts';
import { Agent, request } from 'undici';
import { digestOf } from './object-bucket.ts';
import { PEER_HEADERS, signQuestion } from './peer-signature.ts';

/** What another region answers. `absent` is its certain word; `away` says nothing about whether it has the payload. */
export type PeerAnswer =
  | { readonly kind: 'present'; readonly body: Buffer }
  | { readonly kind: 'absent' }
  | { readonly kind: 'away'; readonly detail: string };

export interface PeerBodiesOptions {
  readonly region: string;
  /** Known to all regions; absent: no other region can be asked. */
  readonly key: string | undefined;
  /** Where a region's ingress is, as it has announced. */
  readonly urlOf: (region: string) => string | undefined;
  readonly nowMs: () => number;
}

/** Asks one region for a payload. Never throws. */
export type AskPeer = (region: string, ref: BodyRef) => Promise<PeerAnswer>;

const CONNECT_MS = 2_000;
const HEADERS_MS = 5_000;
const WHOLE_MS = 60_000;

const away = (region: string, why: string): PeerAnswer => ({ kind: 'away', detail: `${region} ${why}` });

/** Asks the other regions' ingresses over HTTP, each question signed with the key that they share. */
export function peerBodies({ region: from, key, urlOf, nowMs }: PeerBodiesOptions): AskPeer {
  const dispatcher = new Agent({ connect: { timeout: CONNECT_MS } });
  return async (region, ref) => {
    const url = urlOf(region);
    if (key === undefined) return away(region, 'cannot be asked: REGION_SHARED_KEY is not set');
    if (url === undefined) return away(region, 'has not announced where it is');
    const { sha256, bytes } = ref;
    try {
      const { statusCode, headers, body } = await request(`${url.replace(/\/$/, '')}/internal/bodies/${sha256}`, {
        headers: signQuestion(key, { sha256, from, to: region }, nowMs()),
        headersTimeout: HEADERS_MS,
        dispatcher,
        signal: AbortSignal.timeout(WHOLE_MS),
      });
      if (statusCode === 200) return judge(region, ref, await readWhole(body, bytes));
      await body.dump();
      // A 404 of anything else, such as an ingress of before, is no word about the payload.
      if (statusCode === 404 && headers[PEER_HEADERS.body] === 'absent') return { kind: 'absent' };
      return away(region, `answered ${statusCode}`);
    } catch (error) {
      return away(region, `does not answer: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

function judge(region: string, { sha256 }: BodyRef, body: Buffer | undefined): PeerAnswer {
  if (body !== undefined && digestOf(body) === sha256) return { kind: 'present', body };
  return away(region, 'sent other bytes than those of that digest');
}

async function readWhole(stream: AsyncIterable<Buffer>, bytes: number): Promise<Buffer | undefined> {
  const whole = Buffer.allocUnsafe(bytes);
  let filled = 0;
  for await (const part of stream) {
    if (filled + part.length > bytes) return undefined;
    part.copy(whole, filled);
    filled += part.length;
  }
  return filled === bytes ? whole : undefined;
}
