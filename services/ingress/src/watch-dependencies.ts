import { streamNames } from '@waybill/contracts';
import { type DependencyState, type Health, type Lifecycle, WatchedDependency } from '@waybill/runtime';
import type { Bus } from '@waybill/transport';
import type { Projector } from './adapters/http/projector.ts';

/** JetStream's code for a stream that is not there. */
const STREAM_MISSING = 10_059;

export interface WatchedParts {
  readonly bus: Bus;
  readonly region: string;
  readonly projector: Pick<Projector, 'get'>;
  /** Absent: there is no projector to ask. */
  readonly projectorUrl: string | undefined;
  /** Undefined: there is no trace store to ask. */
  readonly traces: Pick<Projector, 'get'> | undefined;
  readonly health: Health;
  readonly lifecycle: Lifecycle;
}

/** Names in the health report what has to be asked: the LOG, without which nothing is accepted, the projector, without which only reads fail, and the trace store, without which only traces cannot be seen. */
export function watchDependencies({ bus, region, projector, projectorUrl, traces, health, lifecycle }: WatchedParts): void {
  const { log } = streamNames(region);
  const owned = (name: string, ask: () => Promise<DependencyState>): WatchedDependency =>
    lifecycle.own(name, new WatchedDependency(ask), (watched) => watched.close());
  health.declare('log', owned('watch of the log', () => stateOfLog(bus, log)).state);
  const asked = owned('watch of the projector', () => (projectorUrl === undefined ? notThere() : stateOf(projector, 'Reads may be old')));
  health.declare('projector', asked.state, { decides: false });
  if (traces !== undefined)
    health.declare('traces', owned('watch of the traces', () => stateOf(traces, 'Traces cannot be looked at')).state, { decides: false });
}

async function stateOfLog(bus: Bus, log: string): Promise<DependencyState> {
  try {
    await bus.jsm.streams.info(log);
    return { ok: true };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === STREAM_MISSING)) throw error;
    return { ok: false, detail: `${log} is missing: run "waybill provision"` };
  }
}

const notThere = async (): Promise<DependencyState> => ({ ok: false, detail: 'PROJECTOR_URL is not set: reads are answered with 503' });

async function stateOf(upstream: Pick<Projector, 'get'>, otherwise: string): Promise<DependencyState> {
  try {
    const { status, body } = await upstream.get('/health/ready');
    body.resume();
    return status === 200 ? { ok: true } : { ok: false, detail: `it is not ready; its own /health/ready says why. ${otherwise}` };
  } catch (error) {
    return { ok: false, detail: `${error instanceof Error ? error.message : 'it does not answer'}; events are still accepted` };
  }
}
