import { hash, timingSafeEqual } from 'node:crypto';
import { WaybillError } from '@waybill/contracts';

const BEARER = /^Bearer +(\S+)$/i;

/** Checks the management key. Only hashes are kept and compared, so neither content nor length shows in the time it takes. */
export function bearerCheck(key: string): (authorization: string | undefined) => void {
  const expected = hash('sha256', key, 'buffer');
  return (authorization) => {
    if (authorization === undefined) throw new WaybillError('WB_UNAUTHORIZED', 'the Authorization header is missing');
    const given = BEARER.exec(authorization)?.[1];
    if (given === undefined || !timingSafeEqual(hash('sha256', given, 'buffer'), expected)) {
      throw new WaybillError('WB_UNAUTHORIZED', 'the key is not valid');
    }
  };
}
