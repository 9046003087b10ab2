import { traceIdOf, WaybillError } from '@waybill/contracts';
import { type ProjectorAnswer, Upstream } from './projector.ts';

const off = (extra = {}): WaybillError => new WaybillError('WB_TRACES_OFF', 'TRACES_URL is not set', { extra });
const away = (detail: string, cause?: unknown): WaybillError =>
  new WaybillError('WB_TRACES_AWAY', detail, { cause, extra: { retryAfterSeconds: 2 } });

/** The trace store, where one is set up. Throws WB_TRACES_OFF or WB_TRACES_AWAY. */
export class Traces extends Upstream {
  readonly #isOn: boolean;

  constructor(url: string | undefined) {
    super(url, { notSet: off, away });
    this.#isOn = url !== undefined;
  }

  /** What is kept of a trace. Where nothing can be, the error tells the trace's id, by which another tool finds it. */
  show(id: string): Promise<ProjectorAnswer> {
    if (!this.#isOn) throw off({ traceId: traceIdOf(id) ?? id });
    return this.get(`/traces/${encodeURIComponent(id)}`);
  }
}
