import type { BodyOutcome } from '@waybill/bodies';
import { dueDeliverySchema } from '@waybill/contracts';
import { describe, expect, it, vi } from 'vitest';
import type { Channel, Sending, Told } from './channel.ts';
import { sendWhole } from './send-whole.ts';

const NOW_MS = 1_800_000_000_000;
const DAY_MS = 86_400_000;
const bodyRef = { sha256: 'a'.repeat(64), bytes: 5, region: 'us' };
const sent: Told = { kind: 'forbidden' };

function sending(change: { bodyRef?: typeof bodyRef | undefined; notBeforeMs?: number; mayDeliver?: () => boolean } = {}): Sending {
  const { notBeforeMs, mayDeliver = () => true } = change;
  const ids = { deliveryId: 'dlv_1', eventId: 'evt_1', tenantId: 'acme', endpointId: 'ep_1' };
  const due = dueDeliverySchema.parse({ v: 1, ...ids, scope: 'l', attempt: 1, parked: 2, plan: { stream: 'LOG', seq: 1 }, notBeforeMs });
  const payload = { eventType: 'order.paid', body: Buffer.from('null'), bodyRef: 'bodyRef' in change ? change.bodyRef : bodyRef };
  const at = '2026-01-01T00:00:00.000Z';
  const secrets = [{ key: `whsec_${'A'.repeat(32)}` }];
  const endpoint = {
    id: due.endpointId,
    tenantId: due.tenantId,
    url: 'https://example.com',
    eventTypes: ['*'],
    secrets,
    createdAt: at,
    updatedAt: at,
  };
  return { due, endpoint, payload, mayDeliver, onCutOff: () => () => undefined };
}

function world(found: BodyOutcome | (() => BodyOutcome)) {
  const send = vi.fn<Channel['send']>(async () => sent);
  const holdBody = vi.fn(async () => (typeof found === 'function' ? found() : found));
  return { send, holdBody, tell: (what: Sending) => sendWhole({ holdBody, nowMs: () => NOW_MS, random: () => 0 }, { send }, what) };
}

describe('a delivery whose payload lies in the body store', () => {
  it('is sent with those bytes, which are released afterwards', async () => {
    const release = vi.fn();
    const { tell, send, holdBody } = world({ kind: 'held', body: Buffer.from('whole'), release });
    send.mockImplementation(async ({ payload }) => {
      expect(Buffer.from(payload.body).toString()).toBe('whole');
      expect(release).not.toHaveBeenCalled();
      return sent;
    });
    expect(await tell(sending())).toBe(sent);
    expect(release).toHaveBeenCalledTimes(1);
    expect(holdBody).toHaveBeenCalledWith(bodyRef, 'l');
    send.mockRejectedValue(new Error('broken'));
    await expect(tell(sending())).rejects.toThrow('broken');
    expect(release).toHaveBeenCalledTimes(2);
  });

  it('is not sent when the region was closed while it was fetched', async () => {
    const release = vi.fn();
    let isOpen = true;
    const { tell, send } = world(() => {
      isOpen = false;
      return { kind: 'held', body: Buffer.from('whole'), release };
    });
    expect(await tell(sending({ mayDeliver: () => isOpen }))).toEqual({ kind: 'forbidden' });
    expect(send).not.toHaveBeenCalled();
    expect(release).toHaveBeenCalledTimes(1);
  });

  it('is lost when nobody has it', async () => {
    expect(await world({ kind: 'lost', detail: '' }).tell(sending())).toEqual({ kind: 'payload_lost' });
  });

  it('is put off while a region that may have it cannot be asked, and lost after three days of that', async () => {
    const { tell, send } = world({ kind: 'away', detail: '' });
    expect(await tell(sending())).toEqual({ kind: 'parked', dueMs: NOW_MS + 4_000 });
    expect(await tell(sending({ notBeforeMs: NOW_MS - 3 * DAY_MS }))).toMatchObject({ kind: 'parked' });
    expect(await tell(sending({ notBeforeMs: NOW_MS - 3 * DAY_MS - 1 }))).toEqual({ kind: 'payload_lost' });
    expect(send).not.toHaveBeenCalled();
  });

  it('asks for nothing when the plan holds it', async () => {
    const { tell, holdBody } = world({ kind: 'lost', detail: '' });
    expect(await tell(sending({ bodyRef: undefined }))).toBe(sent);
    expect(holdBody).not.toHaveBeenCalled();
  });
});
