import { createHmac } from 'node:crypto';
import { eventually, type ReceivedRequest, type Receiver } from '@waybill/testkit';
import { Webhook } from 'standardwebhooks';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Product } from './stack.fixture.ts';

/** What the source's sender signs with. */
export const SOURCE_SECRET = 'a secret shared with the provider';
const workflowRun = '{"action":"completed","workflow_run":{"id":30433642,"conclusion":"success","run_number":1.0}}';
const created = z.object({ id: z.string() });
/** Whose webhooks these are. */
const TENANT = 'main-path';

/** Declares what a product that runs must do with one webhook from its door to its receiver, however it was started. */
export function followsAWebhook(running: () => { readonly stack: Product; readonly receiver: Receiver }): void {
  describe('a signed webhook comes in, is stored, planned, delivered, and can be looked up', () => {
    let stack: Product;
    let receiver: Receiver;
    let secret: string;

    const github = async (body: string, delivery: string, signature = sign(body)): Promise<Response> => {
      const headers = {
        'content-type': 'application/json',
        'x-github-event': 'workflow_run',
        'x-github-delivery': delivery,
        'x-hub-signature-256': signature,
      };
      return fetch(`${await stack.url()}/webhooks/gh`, { method: 'POST', headers, body });
    };
    const received = (eventId: string): ReceivedRequest | undefined =>
      receiver.requests.find(({ headers }) => headers['webhook-id'] === eventId);

    beforeAll(async () => {
      ({ stack, receiver } = running());
      await stack.request('PUT', `/v1/tenants/${TENANT}`, { name: 'Acme' });
      const endpoint = { url: `${receiver.url}/hooks`, eventTypes: ['github.*', 'order.*'] };
      const { id } = created.parse((await stack.request('POST', `/v1/tenants/${TENANT}/endpoints`, endpoint)).body);
      const shown = await stack.request('GET', `/v1/tenants/${TENANT}/endpoints/${id}/secret`);
      secret = z.object({ key: z.string() }).parse(shown.body).key;
      const verification = { kind: 'hmac', secret: SOURCE_SECRET, header: 'X-Hub-Signature-256', prefix: 'sha256=' };
      await stack.request('POST', '/v1/sources', { id: 'gh', tenantId: TENANT, verification });
    });

    it('is seeded with a demo, and once more without making anything twice', async () => {
      const seed = async (): Promise<string[]> => {
        const { stdout, stderr, code } = await stack.cli('seed', '--receiver', receiver.url);
        expect(code, stderr).toBe(0);
        return stdout.trim().split('\n');
      };
      const [first, second] = [await seed(), await seed()];
      expect(first).toHaveLength(7);
      expect(second).toEqual(first.map((line) => line.replace(/^(?:made|is there) +/, 'is there  ')));
    });

    it('delivers a GitHub-signed workflow_run byte for byte, signed by Standard Webhooks', async () => {
      const answer = await github(workflowRun, 'delivery-1');
      expect(answer.status).toBe(202);
      const { id } = created.parse(await answer.json());
      await eventually(() => received(id) !== undefined);
      const request = received(id);
      expect(request?.body).toBe(workflowRun);
      expect(request?.headers['waybill-event-type']).toBe('github.workflow_run');
      expect(() => new Webhook(secret).verify(request?.body ?? '', request?.headers ?? {})).not.toThrow();
      expect(() => new Webhook(secret).verify(`${request?.body ?? ''} `, request?.headers ?? {})).toThrow();
    });

    it('knows a redelivery again, and refuses what is not signed by the secret', async () => {
      const first = created.parse(await (await github(workflowRun, 'delivery-2')).json());
      expect(await (await github(workflowRun, 'delivery-2')).json()).toEqual({ id: first.id, duplicate: true });
      expect((await github(workflowRun, 'delivery-3', 'sha256=00')).status).toBe(401);
      expect((await github('{"other":true}', 'delivery-2')).status).toBe(422);
    });

    it('tells the story of what "waybill send" sent', async () => {
      const sent = await stack.cli('send', '--tenant', TENANT, '--type', 'order.paid', '--payload', '{"total":1.50}');
      const id = sent.stdout.trim();
      await eventually(async () => (await stack.cli('event', id)).stdout.includes('delivered'));
      const story = (await stack.cli('event', id)).stdout;
      expect(story).toMatch(/order\.paid[\s\S]*accepted[\s\S]*planned: 1 delivery[\s\S]*attempt 1: accepted 204[\s\S]*delivered/);
      expect(received(id)?.body).toBe('{"total":1.50}');
      expect((await stack.cli('events', '--tenant', TENANT)).stdout).toContain(id);
    });

    it('gives an event of a wrong version its verdict, and an unmatched one its end', async () => {
      const send = async (body: object): Promise<string> =>
        created.parse((await stack.request('POST', `/v1/tenants/${TENANT}/events`, body)).body).id;
      const old = await send({ eventType: 'order.paid', data: {}, version: 1 });
      const future = await send({ eventType: 'order.paid', data: {}, version: 9, minCompatible: 9 });
      const unmatched = await send({ eventType: 'user.created', data: {} });
      await eventually(async () => (await stack.cli('event', old)).stdout.includes('drop_incompatible'));
      await eventually(async () => (await stack.cli('event', future)).stdout.includes('reader_too_old'));
      await eventually(async () => (await stack.cli('event', unmatched)).stdout.includes('no endpoint subscribes'));
    });
  });
}

function sign(body: string): string {
  return `sha256=${createHmac('sha256', SOURCE_SECRET).update(body).digest('hex')}`;
}
