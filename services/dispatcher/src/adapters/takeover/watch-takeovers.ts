import { ATTRIBUTES, randomHex, SPANS, type Tracing, type WorkLog } from '@waybill/runtime';
import type { TakeoverTold, WatchTakeovers } from '../../application/takeover/takeover-story.ts';

export interface WatchTakeoversParts {
  /** The region that stands in. */
  readonly region: string;
  readonly tracing: Tracing;
  readonly work: WorkLog;
  readonly tookOver: (from: string) => void;
}

/** Tells of each takeover: it counts when it begins, and leaves a line and a span, always recorded, when it has caught up or ceased. */
export function watchTakeovers({ region, tracing, work, tookOver }: WatchTakeoversParts): WatchTakeovers {
  return {
    begun: tookOver,
    over: (told) => {
      const { of, isCaughtUp, taken, endedMs } = told;
      const context = tracing.begin(randomHex(16), true);
      const startMs = Math.min(endedMs, ...told.moments.map(({ atMs }) => atMs));
      const outcome = isCaughtUp ? 'caught_up' : 'ceased';
      if (context !== undefined)
        tracing.record({
          name: SPANS.failover,
          kind: 'internal',
          context,
          startMs,
          endMs: endedMs,
          ...aboutTakeover(told, region, outcome),
        });
      const line = {
        work: 'takeover',
        outcome,
        durationMs: endedMs - startMs,
        origin: of,
        traceId: context?.traceId,
        deliveries: taken,
      } as const;
      if (isCaughtUp) work.done(line);
      else work.failed(line);
    },
  };
}

function aboutTakeover({ of, epoch, taken, moments }: TakeoverTold, region: string, outcome: string) {
  return {
    attributes: {
      [ATTRIBUTES.cloudRegion]: region,
      [ATTRIBUTES.regionHome]: of,
      [ATTRIBUTES.regionExecuted]: region,
      [ATTRIBUTES.regionEpoch]: epoch,
      [ATTRIBUTES.deliveries]: taken,
      [ATTRIBUTES.outcome]: outcome,
    },
    events: moments.map(({ moment, atMs }) => ({ name: moment, atMs })),
  };
}
