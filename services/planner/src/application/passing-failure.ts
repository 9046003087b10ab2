import { isWaybillError } from '@waybill/contracts';

/** Whether a failure is no fault of the event: NATS is away or the LOG is full, and it will work later. */
export const isPassing = (error: unknown): boolean =>
  isWaybillError(error) && (error.code === 'WB_NATS_AWAY' || error.code === 'WB_LOG_FULL');
