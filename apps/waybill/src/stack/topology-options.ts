import { WaybillError } from '@waybill/contracts';
import type { TopologyOptions } from '@waybill/transport';

/**
 * How much of events is kept, and how long, from the same variables that `waybill provision` reads. Throws WB_CONFIG_INVALID for what is no number: retention would
 * take it for permission to remove.
 */
export function topologyOptions(env: NodeJS.ProcessEnv): TopologyOptions {
  const number = (name: string, least = 0): number | undefined => {
    const text = env[name]?.trim() ?? '';
    if (text === '') return undefined;
    const value = Number(text);
    if (Number.isFinite(value) && value >= least) return value;
    throw new WaybillError('WB_CONFIG_INVALID', `${name} is ${JSON.stringify(text)}: write a number from ${least} on`);
  };
  const [logMaxAgeDays, deadLetterDays] = [number('LOG_MAX_AGE_DAYS'), number('DEAD_LETTER_DAYS')];
  const [logMaxBytes, replicas] = [number('LOG_MAX_BYTES', -1), number('STREAM_REPLICAS', 1)];
  const [bodyMaxBytes, bodyCopiesMaxBytes] = [number('BODY_STORE_MAX_BYTES', -1), number('BODY_CACHE_MAX_BYTES', -1)];
  return {
    ...(logMaxAgeDays === undefined ? {} : { logMaxAgeDays }),
    ...(deadLetterDays === undefined ? {} : { deadLetterDays }),
    ...(logMaxBytes === undefined ? {} : { logMaxBytes }),
    ...(bodyMaxBytes === undefined ? {} : { bodyMaxBytes }),
    ...(bodyCopiesMaxBytes === undefined ? {} : { bodyCopiesMaxBytes }),
    ...(replicas === undefined ? {} : { replicas }),
  };
}
