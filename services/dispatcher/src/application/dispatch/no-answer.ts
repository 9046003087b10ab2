import { isWaybillError } from '@waybill/contracts';
import type { NoAnswer } from './dispatch-ports.ts';

/** What GitHub recommends when it does not say how long. */
const LIMITED_MS = 60_000;

/** What a failed call to GitHub means; of an error that nobody foresaw too: it is tried again. Not for what GitHub refused. Pure. */
export function noAnswer(error: unknown): NoAnswer {
  const detail = error instanceof Error ? error.message : String(error);
  if (!isWaybillError(error) || error.code !== 'WB_GITHUB_LIMITED') return { kind: 'away', detail };
  const { retryAfterMs } = error.extra;
  return { kind: 'limited', detail, retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : LIMITED_MS };
}
