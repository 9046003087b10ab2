import { flag } from '@waybill/runtime';
import { didYouMean } from './did-you-mean.ts';
import type { RegionConfig } from './region-config.ts';

/** How the regions work together, as the flags and priorities say. */
export interface MultiRegion {
  /** False with fewer than two regions, and by MULTI_REGION_ENABLED=false: everything that is not strict is done in the primary region. */
  readonly enabled: boolean;
  readonly primaryRegion: string;
  /** The second of `order`; undefined with fewer than two regions. */
  readonly secondaryRegion?: string | undefined;
  /** FAILOVER_ENABLED: whether survivors take over unasked. */
  readonly failoverEnabled: boolean;
  /** REGION, or the only region there is; undefined in a process that belongs to none of several. */
  readonly region?: string | undefined;
  /** The regions that a dispatcher in this process works for; at least one, each once. */
  readonly dispatcherRegions: readonly string[];
  /** All ids: PRIMARY_REGION, SECONDARY_REGION, then by `priority`, then as listed. */
  readonly order: readonly string[];
}

/** The id of a region that is not given one. */
export const DEFAULT_REGION = 'local';

type Report = (problem: string) => void;
type Flags = Readonly<Partial<Record<string, string>>>;

const ignore: Report = () => undefined;
const rank = ({ priority }: RegionConfig): number => priority ?? Number.MAX_SAFE_INTEGER;
const splitList = (list: string): string[] => [
  ...new Set(
    list
      .split(',')
      .map((id) => id.trim())
      .filter((id) => id !== ''),
  ),
];

/** Names the variables that name a region which is not among `ids`. */
function reportUnknown(flags: Flags, ids: readonly string[], report: Report): void {
  const named = ['PRIMARY_REGION', 'SECONDARY_REGION', 'REGION'].flatMap((name) =>
    flags[name] === undefined ? [] : [{ name, id: flags[name] }],
  );
  const listed = splitList(flags['DISPATCHER_REGIONS'] ?? '').map((id) => ({ name: 'DISPATCHER_REGIONS', id }));
  for (const { name, id } of [...named, ...listed]) {
    if (ids.includes(id)) continue;
    const meant = didYouMean(id, ids);
    report(
      `${name}: there is no region "${id}"${meant === undefined ? '' : ` (did you mean "${meant}"?)`}; use ${ids.join(', ')}, or declare it`,
    );
  }
}

function readFlag(flags: Flags, name: string, fallback: boolean, report: Report): boolean {
  const given = flags[name];
  if (given === undefined) return fallback;
  const parsed = flag.safeParse(given);
  if (!parsed.success) report(`${name}: neither true nor false; use true or false`);
  return parsed.data ?? fallback;
}

/** The regions that a process connects to, by REGION and DISPATCHER_REGIONS; empty when neither says so. */
export const ownRegions = (flags: Flags): string[] => [
  ...new Set([...(flags['REGION'] === undefined ? [] : [flags['REGION']]), ...splitList(flags['DISPATCHER_REGIONS'] ?? '')]),
];

/** Reports what is wrong with the flags. `ids` are the declared regions; empty when they could not be read. */
export function checkFlags(flags: Flags, ids: readonly string[], report: Report): void {
  for (const name of ['MULTI_REGION_ENABLED', 'FAILOVER_ENABLED']) readFlag(flags, name, false, report);
  if (ids.length > 0) reportUnknown(flags, ids, report);
  if (flags['PRIMARY_REGION'] !== undefined && flags['PRIMARY_REGION'] === flags['SECONDARY_REGION']) {
    report('SECONDARY_REGION: the same as PRIMARY_REGION; name another region, or none');
  }
  if (flags['DISPATCHER_REGIONS'] !== undefined && splitList(flags['DISPATCHER_REGIONS']).length === 0) {
    report('DISPATCHER_REGIONS: names no region; list ids separated by commas, or leave it out');
  }
}

/** The ids in the order in which regions are preferred; without PRIMARY_REGION the first by priority that SECONDARY_REGION leaves. */
function preferred(flags: Flags, regions: readonly RegionConfig[]): string[] {
  const ids = regions.toSorted((a, b) => rank(a) - rank(b)).map(({ id }) => id);
  const secondary = flags['SECONDARY_REGION'];
  const primary = flags['PRIMARY_REGION'] ?? ids.find((id) => id !== secondary);
  return [...new Set([primary, secondary, ...ids])].filter((id) => id !== undefined);
}

/** The flags' meaning for `regions`. Call it only with flags that `checkFlags` had nothing against. */
export function multiRegionOf(flags: Flags, regions: readonly RegionConfig[]): MultiRegion {
  const several = regions.length > 1;
  const alone = several ? undefined : (regions[0]?.id ?? flags['REGION'] ?? DEFAULT_REGION);
  const order = alone === undefined ? preferred(flags, regions) : [alone];
  const region = flags['REGION'] ?? alone;
  const listed = flags['DISPATCHER_REGIONS'];
  const own = region === undefined ? order : [region];
  return {
    enabled: several && readFlag(flags, 'MULTI_REGION_ENABLED', true, ignore),
    primaryRegion: order[0] ?? DEFAULT_REGION,
    secondaryRegion: order[1],
    failoverEnabled: readFlag(flags, 'FAILOVER_ENABLED', false, ignore),
    region,
    dispatcherRegions: listed === undefined ? own : splitList(listed),
    order,
  };
}
