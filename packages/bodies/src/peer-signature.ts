import { createHmac, timingSafeEqual } from 'node:crypto';

/** One region's question for a payload of another one. */
export interface PeerQuestion {
  readonly sha256: string;
  /** Who asks, and who is asked. */
  readonly from: string;
  readonly to: string;
}

/** Headers of a question between regions. */
export const PEER_HEADERS = {
  region: 'waybill-region',
  time: 'waybill-timestamp',
  signature: 'waybill-signature',
  body: 'waybill-body',
} as const;

const TOLERANCE_SECONDS = 300;

const signatureOf = (key: string, { sha256, from, to }: PeerQuestion, seconds: string): string =>
  createHmac('sha256', key).update(['body', sha256, from, to, seconds].join('\n')).digest('hex');

/** The headers that prove a question to come from a region of this deployment. The key itself does not travel. */
export function signQuestion(key: string, question: PeerQuestion, nowMs: number): Record<string, string> {
  const seconds = String(Math.floor(nowMs / 1000));
  return {
    [PEER_HEADERS.region]: question.from,
    [PEER_HEADERS.time]: seconds,
    [PEER_HEADERS.signature]: signatureOf(key, question, seconds),
  };
}

/** Whether a question was signed with this key within the last five minutes. `header` takes a lower-case name. */
export function isSigned(
  key: string,
  asked: { readonly sha256: string; readonly to: string; readonly header: (name: string) => string | undefined },
  nowMs: number,
): boolean {
  const [from, seconds, signature] = [PEER_HEADERS.region, PEER_HEADERS.time, PEER_HEADERS.signature].map(asked.header);
  if (from === undefined || seconds === undefined || signature === undefined) return false;
  if (!(Math.abs(nowMs / 1000 - Number(seconds)) <= TOLERANCE_SECONDS)) return false;
  const expected = Buffer.from(signatureOf(key, { sha256: asked.sha256, from, to: asked.to }, seconds));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
