import type { RegionState } from '@waybill/contracts';
import { percentText } from './region-health.ts';

interface About {
  readonly region: string;
  readonly at: string;
  /** The region whose log has it. */
  readonly writtenIn: string;
}

/** An entry of the failover log, as `GET /v1/regions/history` shows it. */
export type HistoryEntry = About &
  (
    | {
        readonly kind: 'region.changed';
        readonly state: RegionState;
        readonly share: number;
        readonly epoch: number;
        readonly to?: string;
        readonly who: string;
        readonly why: string;
        readonly how: 'manual' | 'automatic';
      }
    | {
        readonly kind: 'region.spilled';
        readonly spilling: boolean;
        readonly because: 'queue_depth' | 'concurrency' | 'error_rate' | 'below_all';
        readonly queueDepth: number;
        readonly concurrencyPercent: number;
        readonly errorRate: number;
      }
    | { readonly kind: 'takeover.claimed'; readonly by: string; readonly epoch: number; readonly deliveries: number }
    | { readonly kind: 'takeover.closed'; readonly by: string; readonly epoch: number; readonly role: 'planner' | 'dispatcher' }
  );

/** What happened, in a sentence that goes on from the region's name; and by whom, where somebody decided it. */
export function wordsOf(entry: HistoryEntry): { readonly what: string; readonly who: string; readonly why: string } {
  switch (entry.kind) {
    case 'region.changed':
      return { what: stateWords(entry), who: whoWords(entry), why: entry.why };
    case 'region.spilled':
      return { what: entry.spilling ? 'hands new events on' : 'takes new events again', who: 'by itself', why: spillWords(entry) };
    case 'takeover.claimed':
      return { what: `had ${entry.deliveries} ${entry.deliveries === 1 ? 'delivery' : 'deliveries'} taken over`, who: entry.by, why: '' };
    default:
      return { what: `has its ${entry.role === 'planner' ? 'planning' : 'deliveries'} to itself again`, who: entry.by, why: '' };
  }
}

const whoWords = ({ how, who, region }: HistoryEntry & { readonly kind: 'region.changed' }): string =>
  how === 'manual' ? who : who === region ? 'by itself' : `${who}, by itself`;

function stateWords({ state, share, to }: HistoryEntry & { readonly kind: 'region.changed' }): string {
  const standIn = to === undefined ? '' : `, ${to} stands in`;
  return `${state}${state === 'recovering' ? ` at ${share} %` : standIn}`;
}

function spillWords(entry: HistoryEntry & { readonly kind: 'region.spilled' }): string {
  switch (entry.because) {
    case 'queue_depth':
      return `${entry.queueDepth} deliveries waited`;
    case 'concurrency':
      return `${Math.round(entry.concurrencyPercent)} % of its attempts were in flight`;
    case 'error_rate':
      return `${percentText(entry.errorRate)} of its attempts failed`;
    default:
      return 'everything is below its thresholds again';
  }
}
