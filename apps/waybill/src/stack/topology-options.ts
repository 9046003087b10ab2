import type { TopologyOptions } from '@waybill/transport';

/** Retention of the local log, from the same variables that `waybill provision` reads. */
export function topologyOptions(env: NodeJS.ProcessEnv): TopologyOptions {
  const number = (name: string): number | undefined => (env[name] === undefined || env[name] === '' ? undefined : Number(env[name]));
  const [logMaxAgeDays, logMaxBytes, replicas] = [number('LOG_MAX_AGE_DAYS'), number('LOG_MAX_BYTES'), number('STREAM_REPLICAS')];
  return {
    ...(logMaxAgeDays === undefined ? {} : { logMaxAgeDays }),
    ...(logMaxBytes === undefined ? {} : { logMaxBytes }),
    ...(replicas === undefined ? {} : { replicas }),
  };
}
