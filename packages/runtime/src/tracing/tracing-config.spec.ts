import { describe, expect, it } from 'vitest';
import { tracingConfigOf } from './tracing-config.ts';

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };

describe('the configuration of tracing', () => {
  it.each([
    {},
    { ...endpoint, OTEL_SDK_DISABLED: 'true' },
    { ...endpoint, OTEL_TRACES_EXPORTER: 'none' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
  ])('asks for nothing: %o', (env) => {
    expect(tracingConfigOf(env)).toBeUndefined();
  });

  it.each([
    [endpoint, 'http://collector:4318/v1/traces'],
    [{ ...endpoint, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces/x' }, 'https://traces/x'],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, 'http://localhost:4318/v1/traces'],
  ])('sends spans where OpenTelemetry says: %o', (env, url) => {
    expect(tracingConfigOf(env)?.url).toBe(url);
  });

  it.each([
    [{}, 1],
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, 0],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' }, 0.1],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.05' }, 0.05],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_on', OTEL_TRACES_SAMPLER_ARG: '0.05' }, 1],
  ])('samples as %o says', (env, ratio) => {
    expect(tracingConfigOf({ ...endpoint, ...env })?.ratio).toBe(ratio);
  });

  it('reads lists of pairs', () => {
    const env = {
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%3Db, x-team=ops',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=prod,part=100%',
    };
    const config = tracingConfigOf({ ...endpoint, ...env });
    expect(config).toMatchObject({
      headers: { 'x-key': 'a=b', 'x-team': 'ops' },
      resource: { 'deployment.environment.name': 'prod', part: '100%' },
    });
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_TRACES_EXPORTER', 'zipkin'],
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'key-s3cret'],
    ['TRACES_PER_SECOND', '-1'],
    ['OTEL_SDK_DISABLED', 'maybe'],
  ])('is refused with the name of %s, and its value is not repeated', (name, value) => {
    const read = (): unknown => tracingConfigOf({ ...endpoint, [name]: value });
    expect(read).toThrow(expect.objectContaining({ code: 'WB_CONFIG_INVALID', message: expect.stringContaining(name) }));
    expect(read).not.toThrow(value);
  });
});
