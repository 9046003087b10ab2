import { type Endpoint, type RegionRecord, type RegionReport, type RoutingView, type Tenant, WaybillError } from '@waybill/contracts';

/** The control bucket as it was read last, and how to change it. */
export interface RegionControl {
  record(region: string): RegionRecord | undefined;
  /** Undefined when it is old. */
  report(region: string): RegionReport | undefined;
  /** How long the region's record has been seen standing still, in ms: since when it has not renewed its lease. */
  unchangedMs(region: string): number;
  /** Why the bucket cannot be read; undefined when it can. */
  readonly failure: string | undefined;
  routing(order: readonly string[]): RoutingView;
  /** Reads everything now. Never rejects. */
  refresh(): Promise<void>;
  /** Compare-and-set; what `next` throws refuses the change. Throws WB_CONTROL_AWAY. */
  change(region: string, next: (current: RegionRecord | undefined) => RegionRecord): Promise<RegionRecord>;
}

export interface RegionPorts {
  /** This region. */
  readonly region: string;
  /** All regions, the first choice for standing in first. */
  readonly order: readonly string[];
  /** The region that does all work that is not strict, while MULTI_REGION_ENABLED is false. */
  readonly onlyRegion?: string | undefined;
  readonly cloudRegion: (region: string) => string;
  /** The public address of a region's ingress, as far as it is known. */
  readonly url: (region: string) => string | undefined;
  /** Undefined with a single region: it has no control bucket. */
  readonly control: RegionControl | undefined;
  readonly tenants: () => readonly Tenant[];
  readonly endpointsOf: (tenantId: string) => readonly Endpoint[];
  /** Where each strict tenant lives, those of other regions included. Throws WB_NATS_AWAY. */
  readonly strictHomes: () => Promise<readonly { readonly id: string; readonly home: string }[]>;
  /** Appends the fact that a region's state changed. */
  readonly appendChange: (record: RegionRecord) => Promise<unknown>;
  /** Whether somebody answers at a region's public address, within a second. */
  readonly answers: (url: string) => Promise<boolean>;
  readonly nowMs: () => number;
  /** Rejects when `signal` aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** What a command on a region needs beside them. */
export interface RegionCommandPorts extends RegionPorts {
  /** Who gives it, for the record of the region. */
  readonly who: string;
}

/** Throws WB_REGION_UNKNOWN. */
export function requireRegion({ order }: Pick<RegionPorts, 'order'>, region: string): void {
  if (!order.includes(region)) throw new WaybillError('WB_REGION_UNKNOWN', `there is no region ${region}; there are ${order.join(', ')}`);
}

/** The control bucket, read just now. Throws WB_REGION_STATE with a single region, WB_CONTROL_AWAY. */
export async function requireControl({ control }: Pick<RegionPorts, 'control'>): Promise<RegionControl> {
  if (control === undefined) throw new WaybillError('WB_REGION_STATE', 'there is only one region, and nobody who could stand in for it');
  await control.refresh();
  if (control.failure === undefined) return control;
  throw new WaybillError('WB_CONTROL_AWAY', `the states of the regions cannot be read: ${control.failure}`);
}

/** The newest record, of which one must exist. Throws WB_REGION_STATE. */
export function requireRecord(region: string, record: RegionRecord | undefined): RegionRecord {
  if (record !== undefined) return record;
  throw new WaybillError('WB_REGION_STATE', `${region} has not been started yet`);
}
