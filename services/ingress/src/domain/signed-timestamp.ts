import { invalid, type SignatureVerdict } from './signature-verdict.ts';

const UNIX_SECONDS = /^\d{1,11}$/;

/**
 * Checks a signed time, given as whole seconds since 1970, against the clock; exactly `toleranceSeconds` away is still accepted.
 * Anything but digits is refused as invalid: `Number` would also take `1e9`, `0x1`, or blanks.
 */
export function checkTimestamp(text: string, toleranceSeconds: number, nowMs: number): SignatureVerdict {
  if (!UNIX_SECONDS.test(text)) return invalid('the signed timestamp is not a number of seconds');
  const offSeconds = Math.floor(nowMs / 1000) - Number(text);
  if (Math.abs(offSeconds) <= toleranceSeconds) return undefined;
  const direction = offSeconds > 0 ? 'in the past' : 'in the future';
  return {
    code: 'WB_TIMESTAMP_STALE',
    detail: `the signed timestamp is ${Math.abs(offSeconds)} s ${direction}; ${toleranceSeconds} s are allowed`,
  };
}
