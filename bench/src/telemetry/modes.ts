/** What is told of the work while it is done. All modes do the same work at the same rate. */
export const MODES = ['off', 'metrics', 'traces-10', 'traces-100'] as const;
export type Mode = (typeof MODES)[number];

/** ms that spans wait, as with `npm start`. */
const OTEL_BSP_SCHEDULE_DELAY = '500';

/** The environment of a stack in a mode. `spansTo`: where spans are sent. */
export function environmentOf(mode: Mode, spansTo: string): Readonly<Record<string, string>> {
  const METRICS_ENABLED = String(mode !== 'off');
  if (mode === 'off' || mode === 'metrics') return { METRICS_ENABLED, OTEL_SDK_DISABLED: 'true' };
  const sampled = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: mode === 'traces-10' ? '0.1' : '1' };
  return {
    METRICS_ENABLED,
    OTEL_SDK_DISABLED: 'false',
    OTEL_EXPORTER_OTLP_ENDPOINT: spansTo,
    TRACES_PER_SECOND: '0',
    OTEL_BSP_SCHEDULE_DELAY,
    ...sampled,
  };
}

/** The modes in the order of one round. Each round begins with another one, so that none always has the machine's best or worst moment. */
export const orderOf = (modes: readonly Mode[], round: number): Mode[] =>
  modes.map((_, index) => modes[(index + round) % modes.length]).filter((mode) => mode !== undefined);
