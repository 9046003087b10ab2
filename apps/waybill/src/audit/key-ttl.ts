import { WaybillError } from '@waybill/contracts';

const DAY_SECONDS = 86_400;

/** How long idempotency keys count, in ms, from the variable that the ingress reads; a day by default. Throws WB_CONFIG_INVALID for what is no number. */
export function keyTtlMs(env: NodeJS.ProcessEnv): number {
  const text = env['IDEMPOTENCY_TTL_SECONDS']?.trim() ?? '';
  const seconds = text === '' ? DAY_SECONDS : Number(text);
  if (seconds > 0 && Number.isFinite(seconds)) return seconds * 1_000;
  throw new WaybillError('WB_CONFIG_INVALID', `IDEMPOTENCY_TTL_SECONDS is ${JSON.stringify(text)}: write a number of seconds`);
}
