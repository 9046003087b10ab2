import { WaybillError } from '@waybill/contracts';
import { LEASE_TTL_MS } from '@waybill/regions';
import { Lifecycle, type Logger } from '@waybill/runtime';
import {
  type AttachedSource,
  type Binding,
  type Bus,
  connectBus,
  type JetStreamStrategy,
  type Publish,
  Publisher,
  RegistryView,
} from '@waybill/transport';
import type { RegionWorker } from '../application/delivery-manager.ts';
import type { DispatcherConfig } from '../config.ts';
import type { RegionSettings } from '../region-settings.ts';
import { type BuiltPoller, buildPoller } from './build-poller.ts';
import type { GithubAccess } from './dispatch/open-dispatches.ts';
import { pendingOf } from './plan-consumers.ts';
import { openControl, type RegionControl } from './region-control.ts';
import type { ReadBetween, ReadRegion } from './region-gauges.ts';
import { type Reporting, startReporting } from './region-reporting.ts';
import type { RegionTelemetry } from './region-telemetry.ts';
import type { WebhookPoller } from './webhook-poller.ts';

export interface RegionDispatcherOptions {
  readonly settings: RegionSettings;
  readonly config: DispatcherConfig;
  readonly logger: Logger;
  readonly version: string;
  /** Absent: no GitHub App is set up. */
  readonly github: GithubAccess | undefined;
  readonly strategy: Pick<JetStreamStrategy, 'attach'>;
  readonly telemetry: RegionTelemetry;
}

/** Everything a worker that runs is made of. */
interface Opened {
  readonly bus: Bus;
  readonly registry: RegistryView;
  readonly publish: Publish;
  readonly control: RegionControl | undefined;
  readonly built: BuiltPoller;
}

/** Attempts in flight get the time of one attempt at most, then the connections are closed under them. */
const CLOSE_BUDGET_MS = 25_000;
/** JetStream's "no such consumer" and "no such stream". */
const MISSING = new Set<unknown>([10_014, 10_059]);

/** The worker of one region: owns its connection to the region's NATS and everything that delivers over it. */
export class RegionDispatcher implements RegionWorker {
  readonly region: string;
  readonly #options: RegionDispatcherOptions;
  readonly #owned = new Lifecycle();
  readonly #ended = Promise.withResolvers<unknown>();
  #waitingFor: string | undefined = 'connecting';
  #opened: Opened | undefined;
  #source: AttachedSource | undefined;
  #reporting: Reporting | undefined;

  constructor(options: RegionDispatcherOptions) {
    this.#options = options;
    this.region = options.settings.region;
  }

  get ended(): Promise<unknown> {
    return this.#ended.promise;
  }

  /** The poller of the messages of this stream; undefined when they are not this region's. */
  pollerOf(stream: string): WebhookPoller | undefined {
    const poller = this.#opened?.built.poller;
    return poller?.feedsOn(stream) === true ? poller : undefined;
  }

  /** What metrics tell of this region now; undefined while it is being started. */
  get readings(): ReadRegion | undefined {
    if (this.#opened === undefined) return undefined;
    const { bus, built, control } = this.#opened;
    const { gate, persistence, poller } = built;
    return {
      isBusUp: bus.isUp(),
      inFlight: gate.size.inFlight,
      waiting: gate.waiting,
      openCircuits: gate.openCircuits,
      writesWaiting: persistence.pending.count,
      pending: () => pendingOf(bus, poller.bindings()),
      between: control && this.#between(control),
    };
  }

  #between({ view, lease }: RegionControl): ReadBetween {
    // What was read of others before the bucket went away may be wrong by now.
    const known = [...view.records().values()].filter(({ region }) => region === this.region || view.failure === undefined);
    const states = new Map(known.map(({ region, state }) => [region, state]));
    return { states, leaseAgeMs: lease.ageMs, leaseTtlMs: LEASE_TTL_MS, lagMs: this.#reporting?.lagMs() ?? new Map() };
  }

  get complaint(): string | undefined {
    if (this.#opened === undefined) return this.#waitingFor;
    const { bus, registry, built } = this.#opened;
    if (!bus.isUp()) return 'nats: waiting for the connection';
    const { count, error } = built.persistence.pending;
    const writes = count === 0 ? undefined : `nats: ${count} requests are being repeated: ${error ?? ''}`;
    return writes ?? registry.failure ?? this.#unread();
  }

  get remark(): string | undefined {
    const { control, built } = this.#opened ?? {};
    const said = [built?.dispatches.remark(), built?.reports?.remark(), built?.bodies.remark];
    const told = [...this.#remarksOf(control, built?.takeover), ...said].filter((one) => one !== undefined);
    return told.length === 0 ? undefined : told.join('; ');
  }

  #remarksOf(control: RegionControl | undefined, takeover: BuiltPoller['takeover']): string[] {
    if (control === undefined || takeover === undefined) return [];
    const { permission, status } = takeover;
    const told = status.takeOvers.map(
      ({ of, phase, taken, waitingFor }) => `takes over from ${of}: ${waitingFor ?? phase}, ${taken} taken`,
    );
    if (!permission.open) told.push(`delivers only for tenants whom no other region may stand in for${forWhat(status.waitingFor)}`);
    if (control.view.failure !== undefined) told.push(`control bucket: ${control.view.failure}`);
    return told;
  }

  async start(stop: AbortSignal): Promise<void> {
    const opened = await this.#open(stop);
    const { built, bus, control } = opened;
    await this.#assertProvisioned(built.poller.bindings(), bus);
    if (this.#options.settings.mustHoldLease) await control?.lease.requireMajority();
    control?.lease.start();
    const giveUp = (): void => built.stop.abort();
    stop.addEventListener('abort', giveUp, { once: true });
    await built.poller.start();
    await built.takeover?.start();
    await built.lanes.load();
    stop.removeEventListener('abort', giveUp);
    this.#report(opened);
    this.#opened = opened;
    await this.#attach(built.poller, bus);
    this.#owned.own('instructions', built.followInstructions(), (end) => end());
  }

  stopTaking(): void {
    this.#opened?.built.poller.stopTaking();
  }

  close(): Promise<void> {
    return this.#owned.drain(CLOSE_BUDGET_MS);
  }

  async #open(stop: AbortSignal): Promise<Opened> {
    const { settings, config, logger, version, github, telemetry } = this.#options;
    const bus = this.#owned.own('bus', await this.#connect(stop), (open) => open.close());
    void bus.nc.closed().then((error) => this.#ended.resolve(error ?? new Error('the connection to NATS was closed')));
    const { publish } = this.#owned.own('publisher', this.#publisher(bus), (open) => open.close());
    const registry = this.#owned.own('registry', await RegistryView.follow(bus, logger, settings.region), (view) => view.close());
    const control = settings.peers.length === 0 ? undefined : this.#control(bus);
    this.#owned.own('control', control, (open) => open?.close());
    const isHealthy = (): boolean => this.complaint === undefined;
    const built = buildPoller({ settings, config, logger, version, bus, publish, registry, control, github, telemetry, isHealthy });
    this.#owned.own('connections', built.closeConnections, (closeAll) => closeAll());
    this.#owned.own('dispatches', built.dispatches, (open) => open.close());
    this.#owned.own('reports', built.reports, (open) => open?.close());
    this.#owned.own('poller', built.poller, (open) => open.close());
    this.#owned.own('takeover', built.takeover, (open) => open?.close());
    return { bus, registry, publish, control, built };
  }

  #publisher(bus: Bus): Publisher {
    const { tracing, counts } = this.#options.telemetry;
    return new Publisher(bus, { tracing, region: this.region, onFailed: (code) => counts.publishFailed(code) });
  }

  #control(bus: Bus): RegionControl {
    const { settings, config, logger, telemetry } = this.#options;
    const onRenewFailed = (): void => telemetry.counts.renewFailed();
    return openControl({ bus, logger, settings, domain: config.CONTROL_DOMAIN, onRenewFailed });
  }

  #connect(signal: AbortSignal): Promise<Bus> {
    const { settings, logger } = this.#options;
    const onWaiting = (detail: string): void => {
      this.#waitingFor = detail;
      logger.warn({ event: 'nats.waiting' }, detail);
    };
    return connectBus({ ...settings.connection(), onWaiting, signal });
  }

  /** Reading back what was done would wait for a missing consumer for ever. */
  async #assertProvisioned(bindings: readonly Binding[], bus: Bus): Promise<void> {
    for (const { stream, durable } of bindings) {
      await bus.jsm.consumers.info(stream, durable).catch((cause: unknown) => {
        const isMissing = cause instanceof Error && 'code' in cause && MISSING.has(cause.code);
        throw new WaybillError(isMissing ? 'WB_TOPOLOGY_MISSING' : 'WB_NATS_AWAY', `consumer ${durable} on ${stream}`, { cause });
      });
    }
  }

  async #attach(poller: WebhookPoller, bus: Bus): Promise<void> {
    const onPoison: WebhookPoller['setAside'] = (message, reason) => poller.setAside(message, reason);
    const attached = await this.#options.strategy.attach({ bus, bindings: poller.bindings(), onPoison, region: this.region });
    this.#source = this.#owned.own('source', attached, (source) => source.detach());
  }

  #report({ bus, publish, control, built }: Opened): void {
    const { settings, config, logger } = this.#options;
    if (control === undefined || settings.declared === undefined) return;
    this.#reporting = startReporting({
      region: this.region,
      peers: settings.peers,
      thresholds: settings.declared.spillover,
      concurrency: config.DISPATCHER_CONCURRENCY,
      inFlight: () => built.gate.size.inFlight,
      waitingForTurn: () => built.gate.waitingForTurn,
      errorRate: () => built.errorRate.at(Date.now()),
      nowMs: () => Date.now(),
      bus,
      publish,
      view: control.view,
      logger,
    });
    this.#owned.own('report', this.#reporting, (reporting) => reporting.stop());
  }

  #unread(): string | undefined {
    const { settings } = this.#options;
    if (this.#source === undefined) return undefined;
    return this.#source.failedPulls > (settings.declared?.maxRetriesPerPoll ?? 0) ? this.#source.failure : undefined;
  }
}

const forWhat = (waitingFor: string | undefined): string => (waitingFor === undefined ? '' : `, and waits for ${waitingFor}`);
