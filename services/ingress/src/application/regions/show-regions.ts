import type { RegionReport } from '@waybill/contracts';
import type { Regions, RegionView } from './region-bodies.ts';
import type { RegionControl, RegionPorts } from './region-ports.ts';

/** All regions as they are known here. While the control bucket is away it is what was read last, and it says so. */
export function showRegions(ports: RegionPorts): Regions {
  const { control, order } = ports;
  const data = order.map((id) => viewOf(ports, id));
  if (control === undefined) return { data, control: { ok: true, detail: 'one region alone has no control bucket' } };
  return { data, control: control.failure === undefined ? { ok: true } : { ok: false, detail: control.failure } };
}

function viewOf({ region, cloudRegion, url, control }: RegionPorts, id: string): RegionView {
  const place = { id, cloudRegion: cloudRegion(id), url: url(id), isSelf: id === region };
  const record = control?.record(id);
  // Whoever has no record is given all of its work.
  if (control === undefined || record === undefined)
    return { ...place, state: control === undefined ? 'active' : 'unknown', share: 100, epoch: 0 };
  const { state, share, epoch, to, since, who, why, how, forced } = record;
  return { ...place, state, share, epoch, to, since, who, why, how, forced, ...measured(control, id) };
}

/** Ages are by this process's clock, and say nothing while the bucket cannot be read. */
function measured(control: RegionControl, id: string): Pick<RegionView, 'leaseAgeMs' | 'report'> {
  if (control.failure !== undefined) return {};
  return { leaseAgeMs: Math.round(control.unchangedMs(id)), report: shown(control.report(id)) };
}

function shown(report: RegionReport | undefined): RegionView['report'] {
  if (report === undefined) return undefined;
  const { queueDepth, inFlight, errorRate, spilling, lagMs } = report;
  return { queueDepth, inFlight, errorRate, spilling, lagMs };
}
