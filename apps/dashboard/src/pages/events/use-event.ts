import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getText, pathOf } from '../../api/client.ts';
import { readEvent } from './event-story.ts';

/** The story of an event with its payload; `isWhole`: with a large one too. */
export const useEvent = (id: string, isWhole: boolean) =>
  useQuery({
    queryKey: ['events', 'one', id, isWhole],
    queryFn: async ({ signal }) =>
      readEvent(await getText(pathOf(`/v1/events/${encodeURIComponent(id)}`, isWhole ? { payload: 'full' } : {}), signal)),
    // While the large payload is loaded, the event stays as it is; another event is another page.
    placeholderData: (before, query) => (query?.queryKey[2] === id ? keepPreviousData(before) : undefined),
  });
