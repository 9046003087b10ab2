import { useQuery } from '@tanstack/react-query';
import type { TraceView } from '@waybill/contracts';
import { get } from '../../api/client.ts';

const AGAIN_MS = 2_000;
/** Spans come within a second or two of what they tell; those of a retry may come later. */
const YOUNG_MS = 15_000;
const MOST_TRIES = 8;

/** The trace of an event, or one by its own id; asked for again while it may still grow, or come. */
export const useTrace = (id: string) =>
  useQuery({
    queryKey: ['events', 'one', id, 'trace'],
    queryFn: ({ signal }) => get<TraceView>(`/v1/traces/${encodeURIComponent(id)}`, signal),
    refetchInterval: ({ state: { data, errorUpdateCount } }) => {
      const isYoung = data === undefined ? errorUpdateCount < MOST_TRIES : Date.now() - (data.spans[0]?.startMs ?? 0) < YOUNG_MS;
      return isYoung && AGAIN_MS;
    },
  });
