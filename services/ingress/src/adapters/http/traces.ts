import { traceIdOf, WaybillError } from '@waybill/contracts';
import { type ProjectorAnswer, Upstream } from './projector.ts';

const off = (extra = {}): WaybillError => new WaybillError('WB_TRACES_OFF', 'TRACES_URL is not set', { extra });
const away = (detail: string, cause?: unknown): WaybillError =>
  new WaybillError('WB_TRACES_AWAY', detail, { cause, extra: { retryAfterSeconds: 2 } });

/** What stays as it is when it is encoded, and leads to another path. */
const NO_ID = /^\.+$/;

/** The trace store, where one is set up. Throws WB_TRACES_OFF, WB_TRACES_AWAY or WB_TRACE_UNKNOWN. */
export class Traces extends Upstream {
  readonly #isOn: boolean;

  constructor(url: string | undefined) {
    super(url, { notSet: off, away });
    this.#isOn = url !== undefined;
  }

  /** What is kept of a trace. Where nothing can be, the error tells the trace's id, by which another tool finds it. */
  show(id: string): Promise<ProjectorAnswer> {
    if (!this.#isOn) throw off({ traceId: traceIdOf(id) ?? id });
    if (NO_ID.test(id)) throw new WaybillError('WB_TRACE_UNKNOWN', 'this is no id', { extra: { traceId: id } });
    return this.get(`/traces/${encodeURIComponent(id)}`);
  }
}
