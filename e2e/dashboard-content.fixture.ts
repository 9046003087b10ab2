import { setTimeout as sleep } from 'node:timers/promises';
import { answerStatus, eventually, type Receiver } from '@waybill/testkit';
import { z } from 'zod';
import { type Story, storySchema } from './github.fixture.ts';
import type { LocalStack } from './stack.fixture.ts';

const created = z.object({ id: z.string() });
const storyOf = z.object({ deliveries: z.array(z.looseObject({ id: z.string(), state: z.string() })) });
const jobSchema = z.object({ state: z.string() });

export const [US, EU] = ['us-central1', 'europe-west1'] as const;
/** Events that ended as dead letters for one cause, after two attempts each: ten failures in a row would open the circuit. */
export const FAILED = 4;
/** What the receiver of those says. */
export const COMPLAINT = 'billing-db did not answer in time';
const SLOW_MS = 60_000;
const TRADE_SECONDS = 200;

/** Ids of what there is to look at. */
export interface Content {
  /** An event whose delivery was given up after two attempts. */
  readonly failedEvent: string;
  /** An event whose delivery waits an hour for its next attempt. */
  readonly waitingEvent: string;
  readonly deliveredEvent: string;
  readonly deliveredDelivery: string;
  /** A dead letter of the first group. */
  readonly deadLetter: string;
  readonly dispatch: Story;
  /** A replay that is done. */
  readonly job: string;
}

/** Three shops with their endpoints, of which one fails and one hesitates, made through the API; how the receiver answers can be changed by path. */
export class DemoShops {
  /** Status by path; 204 for all others. */
  readonly answers = new Map<string, number>([
    ['/northwind/billing', 503],
    ['/fabrikam/mail', 503],
    ['/contoso/warehouse', 410],
  ]);
  readonly #stack: LocalStack;
  readonly #receiver: Receiver;

  constructor(stack: LocalStack, receiver: Receiver) {
    this.#stack = stack;
    this.#receiver = receiver;
    receiver.answerWith((request, response) => {
      const status = this.answers.get(request.path) ?? 204;
      return answerStatus(status, {}, status === 503 ? COMPLAINT : '')(request, response);
    });
  }

  /** Makes everything, and waits until it has come to its end. */
  async make(): Promise<Content> {
    const dispatch = this.#dispatch();
    await this.#register();
    const orders = await this.#sendSeveral('northwind', 'order.paid', 12);
    const failed = await this.#sendSeveral('northwind', 'invoice.due', FAILED);
    await this.#sendSeveral('contoso', 'customer.created', 5);
    await this.#sendSeveral('contoso', 'stock.low', 1);
    const [waitingEvent = ''] = await this.#sendSeveral('fabrikam', 'mail.queued', 1);
    await this.send('fabrikam', { eventType: 'mail.queued', data: {}, version: 1 });
    await this.send('fabrikam', { eventType: 'mail.queued', data: {}, version: 9, minCompatible: 9 });
    await this.send('fabrikam', { eventType: 'nobody.listens', data: {} });
    const [failedEvent = '', deliveredEvent = ''] = [failed.at(-1), orders.at(-1)];
    for (const id of failed) await this.#ended(id, 'dead_lettered');
    const deliveredDelivery = await this.#ended(deliveredEvent, 'delivered');
    await this.#ended(waitingEvent, 'retrying');
    return {
      failedEvent,
      waitingEvent,
      deliveredEvent,
      deliveredDelivery,
      deadLetter: await this.#ended(failedEvent, 'dead_lettered'),
      dispatch: await dispatch,
      job: await this.#replay(),
    };
  }

  /** Goes on for some minutes, now more, now less, so that charts have something to show. */
  async trade(): Promise<void> {
    for (let second = 0; second < TRADE_SECONDS; second += 1) {
      const count = Math.round(6 + 4 * Math.sin(second / 20));
      await this.#sendSeveral('northwind', 'order.paid', count);
      if (second % 3 === 0) await this.#sendSeveral('contoso', 'customer.created', 2);
      await sleep(1_000);
    }
  }

  /** Sends an event and gives its id. */
  async send(tenant: string, event: object): Promise<string> {
    return created.parse(await this.#ask('POST', `/v1/tenants/${tenant}/events`, event)).id;
  }

  /** How often a path was asked for an event. */
  received = (path: string, eventId?: string): number =>
    this.#receiver.requests.filter((one) => one.path === path && (eventId === undefined || one.headers['webhook-id'] === eventId)).length;

  async #register(): Promise<void> {
    await this.#ask('PUT', '/v1/tenants/northwind', { name: 'Northwind Traders' });
    await this.#ask('PUT', '/v1/tenants/contoso', { name: 'Contoso', placement: { home: EU } });
    await this.#ask('PUT', '/v1/tenants/fabrikam', { name: 'Fabrikam' });
    await this.#endpoint('northwind', 'orders', { eventTypes: ['order.*'], rateLimit: 50 });
    await this.#endpoint('northwind', 'billing', { eventTypes: ['invoice.*'], retrySchedule: [1] });
    await this.#endpoint('contoso', 'crm', { eventTypes: ['customer.*'] });
    await this.#endpoint('contoso', 'warehouse', { eventTypes: ['stock.*'] });
    await this.#endpoint('fabrikam', 'mail', { eventTypes: ['mail.*'], retrySchedule: [3_600] });
  }

  async #endpoint(tenant: string, name: string, more: object): Promise<void> {
    const url = `${this.#receiver.url}/${tenant}/${name}`;
    await this.#ask('POST', `/v1/tenants/${tenant}/endpoints`, { id: `${tenant}-${name}`, url, ...more });
  }

  #sendSeveral(tenant: string, eventType: string, count: number): Promise<string[]> {
    const one = (_: unknown, index: number): Promise<string> =>
      this.send(tenant, { eventType, data: { number: `${eventType}-${1_000 + index}`, total: 19.9 * (index + 1), currency: 'EUR' } });
    return Promise.all(Array.from({ length: count }, one));
  }

  /** Waits until the one delivery of an event is in a state; gives its id. */
  async #ended(eventId: string, state: string): Promise<string> {
    let id = '';
    let body: unknown;
    const isThere = async (): Promise<boolean> => {
      ({ body } = await this.#stack.request('GET', `/v1/events/${eventId}`));
      const { data } = storyOf.safeParse(body);
      id = data?.deliveries.find((delivery) => delivery.state === state)?.id ?? '';
      return id !== '';
    };
    await eventually(isThere, SLOW_MS, () => `no delivery is ${state}: ${JSON.stringify(body)}`);
    return id;
  }

  async #dispatch(): Promise<Story> {
    const { stdout, stderr, code } = await this.#stack.cli('github', 'demo', '--json');
    if (code !== 0) throw new Error(stderr);
    return storySchema.parse(JSON.parse(stdout));
  }

  async #replay(): Promise<string> {
    const [from, to] = [new Date(Date.now() - 3_600_000).toISOString(), new Date().toISOString()];
    const order = { from, to, tenantId: 'northwind', eventTypes: ['order.*'], destinations: 'then', reason: 'the shop lost its orders' };
    const { id } = created.parse(await this.#ask('POST', '/v1/replays', order));
    const is = async (state: string): Promise<boolean> =>
      jobSchema.parse((await this.#stack.request('GET', `/v1/jobs/${id}`)).body).state === state;
    await eventually(() => is('planned'), SLOW_MS);
    await this.#ask('POST', `/v1/jobs/${id}/start`, { reason: 'the plan is right' });
    await eventually(() => is('done'), SLOW_MS);
    return id;
  }

  async #ask(method: string, path: string, body: object): Promise<unknown> {
    const answer = await this.#stack.request(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}
