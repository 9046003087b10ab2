import { startTraceReceiver, TraceStore } from '@waybill/traces';
import { z } from 'zod';

/** The trace store of a local stack, and the variables with which the services find it. */
export interface LocalTraces {
  readonly url: string;
  readonly env: NodeJS.ProcessEnv;
  close(): Promise<void>;
}

/** New traces of one ingress in a second: enough for a person who looks, and a bounded cost under load. */
const TRACES_PER_SECOND = '20';
/** ms until a span is sent, so that it can be looked at within a second. */
const SCHEDULE_DELAY = '500';

/** What says that spans go elsewhere, or nowhere. */
const ELSEWHERE = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_TRACES_EXPORTER'] as const;

/** Keeps the newest spans of the stack in memory, unless the user has a place for them or wants none; what the user set stays. */
export async function startLocalTraces(port: number, env: NodeJS.ProcessEnv): Promise<LocalTraces | undefined> {
  const given = (name: string): string => env[name] ?? '';
  if (ELSEWHERE.some((name) => given(name) !== '') || z.stringbool().safeParse(given('OTEL_SDK_DISABLED')).data === true) return undefined;
  const receiver = await startTraceReceiver({ port, store: new TraceStore() });
  const { url } = receiver;
  const wanted = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_BSP_SCHEDULE_DELAY: SCHEDULE_DELAY, TRACES_PER_SECOND, TRACES_URL: url };
  return { url, env: Object.fromEntries(Object.entries(wanted).filter(([name]) => given(name) === '')), close: () => receiver.close() };
}
