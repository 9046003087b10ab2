import type { RegionState } from '@waybill/contracts';
import { queryOptions } from '@tanstack/react-query';
import { get } from './client.ts';

/** A region as `GET /v1/regions` shows it; `unknown`: it was not started, or nothing could be read yet. */
export interface Region {
  readonly id: string;
  readonly cloudRegion: string;
  /** Where its own dashboard is; absent: not known. */
  readonly url?: string;
  readonly state: RegionState | 'unknown';
  /** Percent of its work that it is given. */
  readonly share: number;
  readonly epoch: number;
  /** Who was chosen to stand in. */
  readonly to?: string;
  readonly since?: string;
  readonly who?: string;
  readonly why?: string;
  readonly how?: 'manual' | 'automatic';
  readonly forced?: boolean;
  /** For how long it has not renewed its lease, in ms. */
  readonly leaseAgeMs?: number;
  /** Absent when it is old. `lagMs`: how far it is behind each other region. */
  readonly report?: {
    readonly queueDepth: number;
    readonly inFlight: number;
    readonly errorRate: number;
    readonly spilling: boolean;
    readonly lagMs: Readonly<Record<string, number>>;
  };
  /** It is the one that answers. */
  readonly isSelf: boolean;
}

/** All regions. `control` says whether their states could be read just now. */
export interface Regions {
  readonly data: readonly Region[];
  readonly control: { readonly ok: boolean; readonly detail?: string };
}

export const regionsQuery = queryOptions({
  queryKey: ['regions', 'all'],
  queryFn: ({ signal }) => get<Regions>('/v1/regions', signal),
});

/** A page on a region's own dashboard; undefined when its address is not known, or is none that a browser should follow. */
export function pageIn({ url }: Pick<Region, 'url'>, path: string): string | undefined {
  if (url === undefined || !/^https?:\/\//.test(url)) return undefined;
  return `${url.replace(/\/+$/, '')}${path}`;
}
