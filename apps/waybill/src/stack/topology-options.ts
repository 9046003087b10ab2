import type { TopologyOptions } from '@waybill/transport';

/** How much of events is kept, and how long, from the same variables that `waybill provision` reads. */
export function topologyOptions(env: NodeJS.ProcessEnv): TopologyOptions {
  const number = (name: string): number | undefined => (env[name] === undefined || env[name] === '' ? undefined : Number(env[name]));
  const [logMaxAgeDays, deadLetterDays] = [number('LOG_MAX_AGE_DAYS'), number('DEAD_LETTER_DAYS')];
  const [logMaxBytes, replicas] = [number('LOG_MAX_BYTES'), number('STREAM_REPLICAS')];
  const [bodyMaxBytes, bodyCopiesMaxBytes] = [number('BODY_STORE_MAX_BYTES'), number('BODY_CACHE_MAX_BYTES')];
  return {
    ...(logMaxAgeDays === undefined ? {} : { logMaxAgeDays }),
    ...(deadLetterDays === undefined ? {} : { deadLetterDays }),
    ...(logMaxBytes === undefined ? {} : { logMaxBytes }),
    ...(bodyMaxBytes === undefined ? {} : { bodyMaxBytes }),
    ...(bodyCopiesMaxBytes === undefined ? {} : { bodyCopiesMaxBytes }),
    ...(replicas === undefined ? {} : { replicas }),
  };
}
