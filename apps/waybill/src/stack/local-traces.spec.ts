import { expect, it } from 'vitest';
import { startLocalTraces } from './local-traces.ts';

/** What the services would be given, with the address as `here`. */
async function given(env: NodeJS.ProcessEnv) {
  const traces = await startLocalTraces(0, env);
  await traces?.close();
  return traces === undefined ? undefined : JSON.parse(JSON.stringify(traces.env).replaceAll(traces.url, 'here'));
}
const all = {
  OTEL_EXPORTER_OTLP_ENDPOINT: 'here',
  OTEL_BSP_SCHEDULE_DELAY: '500',
  TRACES_PER_SECOND: '20',
  TRACES_URL: 'here',
};

it('tells the services where spans go and come from, and how many; empty variables count as not set', async () => {
  expect(await given({ OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_SDK_DISABLED: 'false' })).toEqual(all);
});

it('leaves what the user set', async () => {
  const { TRACES_PER_SECOND: _, ...rest } = all;
  expect(await given({ TRACES_PER_SECOND: '0' })).toEqual(rest);
});

it.each([
  { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' },
  { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' },
  { OTEL_TRACES_EXPORTER: 'none' },
  { OTEL_SDK_DISABLED: 'true' },
])('keeps no spans with %o', async (env) => {
  expect(await given(env)).toBeUndefined();
});
