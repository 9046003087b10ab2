import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FakeApp } from '../options.ts';
import type { World } from '../state/world.ts';
import { Deliveries, type Delivery, type Notice } from './deliveries.ts';
import { signatureOf, webhookBody } from './payload.ts';

/** What goes wrong with outgoing webhooks; `lost` ones are in the delivery list as failed. */
export type HookFault = 'lost' | 'duplicate' | 'reordered' | 'delayed';

/** GitHub gives a receiver this long, and never tries again by itself. */
const TIMEOUT_MS = 10_000;
const DELAYED_MS = 2000;
/** How long a webhook waits to be overtaken. */
const OVERTAKEN_MS = 3000;

interface Sent {
  readonly status: string;
  readonly statusCode: number;
  readonly responseBody: string;
}

/** The App's webhook: signs, sends once, records what came of it. */
export class Hooks {
  /** Where webhooks go; undefined: nobody can be reached. */
  url: string | undefined;
  secret: string;
  fault: HookFault | undefined;
  lagMs: number;
  readonly deliveries = new Deliveries();
  private readonly world: World;
  private readonly app: FakeApp;
  private readonly base: () => string;
  private readonly underway = new Set<Promise<void>>();
  private readonly closing = new AbortController();
  private heldBack: (() => void) | undefined;

  constructor(world: World, app: FakeApp, base: () => string, lagMs: number) {
    this.world = world;
    this.app = app;
    this.base = base;
    this.secret = app.webhookSecret;
    this.lagMs = lagMs;
  }

  /** Sends a webhook in the background. */
  emit(notice: Notice): void {
    this.track(this.deliver(notice));
  }

  /** Sends a delivery again, under the same guid. */
  redeliver(delivery: Delivery): void {
    this.track(this.record(delivery.notice, true));
  }

  /** Counts `work` as something that `settled` waits for. */
  track(work: Promise<void>): void {
    const done = work.catch(() => undefined).finally(() => this.underway.delete(done));
    this.underway.add(done);
  }

  /** Resolves when no webhook is underway and no dispatched run goes on. */
  async settled(): Promise<void> {
    while (this.underway.size > 0) {
      await Promise.all(this.underway);
    }
  }

  /** Waits `ms`, or less when the fake closes. */
  async pause(ms: number): Promise<boolean> {
    await sleep(ms, undefined, { signal: this.closing.signal }).catch(() => undefined);
    return !this.closing.signal.aborted;
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.heldBack?.();
    await this.settled();
  }

  private async deliver(notice: Notice): Promise<void> {
    const { fault } = this;
    if (this.lagMs > 0 && !(await this.pause(this.lagMs))) {
      return;
    }
    if (fault === 'delayed') {
      await this.pause(DELAYED_MS);
    }
    if (fault === 'lost') {
      this.keep(notice, false, { status: 'lost', statusCode: 0, responseBody: '' });
      return;
    }
    if (fault === 'reordered' && this.heldBack === undefined) {
      await this.overtaken();
    }
    await this.record(notice, false);
    this.heldBack?.();
    if (fault === 'duplicate') {
      await this.record(notice, false);
    }
  }

  private async overtaken(): Promise<void> {
    const next = new Promise<void>((resolve) => {
      this.heldBack = resolve;
    });
    await Promise.race([next, this.pause(OVERTAKEN_MS)]);
    this.heldBack = undefined;
  }

  private async record(notice: Notice, redelivery: boolean): Promise<void> {
    const startedAt = performance.now();
    const sent = await this.send(notice);
    this.keep(notice, redelivery, sent, (performance.now() - startedAt) / 1000);
  }

  private keep(notice: Notice, redelivery: boolean, sent: Sent, durationSeconds = 0): void {
    const deliveredAt = new Date(this.world.now()).toISOString();
    this.deliveries.add({
      id: this.world.ids.deliveryId(),
      notice,
      guid: notice.guid,
      redelivery,
      deliveredAt,
      durationSeconds: Math.round(durationSeconds * 100) / 100,
      ...sent,
    });
  }

  private async send(notice: Notice): Promise<Sent> {
    if (this.url === undefined) {
      return { status: 'failed to connect to host', statusCode: 502, responseBody: '' };
    }
    const body = webhookBody(this.base(), notice);
    try {
      const response = await fetch(this.url, {
        method: 'POST',
        headers: this.headersFor(notice, body),
        body,
        redirect: 'manual',
        signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), this.closing.signal]),
      });
      const responseBody = (await response.text()).slice(0, 1000);
      return { status: response.ok ? 'OK' : `Invalid HTTP Response: ${response.status}`, statusCode: response.status, responseBody };
    } catch (error) {
      const late = error instanceof Error && error.name === 'TimeoutError';
      return late
        ? { status: 'timed out', statusCode: 504, responseBody: '' }
        : { status: 'failed to connect to host', statusCode: 502, responseBody: '' };
    }
  }

  private headersFor(notice: Notice, body: string): Record<string, string> {
    return {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/fa4e000',
      'x-github-event': notice.event,
      'x-github-delivery': notice.guid,
      'x-github-hook-id': this.app.id,
      'x-github-hook-installation-target-id': this.app.id,
      'x-github-hook-installation-target-type': 'integration',
      'x-hub-signature-256': signatureOf(body, this.secret),
    };
  }
}

export function newGuid(): string {
  return randomUUID();
}
