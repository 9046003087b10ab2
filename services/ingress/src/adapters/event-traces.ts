import { rootSpanIdOf, type TraceContext, traceIdOf, type Traceparent } from '@waybill/contracts';
import type { Tracing } from '@waybill/runtime';
import type { EventPlace, EventTraces } from '../application/visit.ts';

const EVERY = '*';
/** The ids of sources, `api`, or all. */
export const TRUSTED_SOURCES = /^(?:\*|[A-Za-z0-9_-]{1,64})(?:,(?:\*|[A-Za-z0-9_-]{1,64}))*$/;

const linksTo = (caller: Traceparent | undefined): readonly TraceContext[] | undefined => caller && [caller];

/**
 * Events begin their own traces. Only the callers of `trusted` sources, separated by commas, have theirs gone on with; whether that is recorded is then up to them. What GitHub
 * brings is recorded whatever the sampler says.
 */
export function eventTraces(tracing: Tracing, trusted = ''): EventTraces {
  const sources = new Set<string>(trusted.split(','));
  return {
    first: ({ source, factType }, id, caller): EventPlace => {
      if (caller !== undefined && (sources.has(source) || sources.has(EVERY)))
        return { context: caller.isSampled ? tracing.join(caller) : undefined, parent: caller };
      const traceId = traceIdOf(id);
      const context = traceId === undefined ? undefined : tracing.begin(traceId, factType === 'run.completed');
      return { context, links: linksTo(caller) };
    },
    repeat: (id, stored, caller) => {
      // Below the request that brought it first, where that is known without being stored.
      const isOwn = stored !== undefined && stored.traceId === traceIdOf(id);
      const parent = isOwn ? { traceId: stored.traceId, spanId: rootSpanIdOf(stored.traceId) } : stored;
      // As rarely as others begin: who repeats one event without end must not fill its trace.
      return { context: parent && tracing.join(parent), parent, links: linksTo(caller) };
    },
  };
}
