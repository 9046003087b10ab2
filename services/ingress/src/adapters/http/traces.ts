import { WaybillError } from '@waybill/contracts';
import { Upstream } from './projector.ts';

/** The trace store, where one is set up. Throws WB_TRACES_OFF or WB_TRACES_AWAY. */
export class Traces extends Upstream {
  constructor(url: string | undefined) {
    super(url, {
      notSet: () => new WaybillError('WB_TRACES_OFF', 'TRACES_URL is not set'),
      away: (detail, cause) => new WaybillError('WB_TRACES_AWAY', detail, { cause, extra: { retryAfterSeconds: 2 } }),
    });
  }
}
