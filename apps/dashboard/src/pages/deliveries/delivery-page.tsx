import { useQuery } from '@tanstack/react-query';
import { Redirect } from 'wouter';
import { get } from '../../api/client.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import type { Delivery } from '../events/event-story.ts';

/** The address of a delivery whose event is not known to whoever links it: leads to its lane on the page of the event. */
export function DeliveryPage({ id }: { readonly id: string }) {
  const query = useQuery({
    queryKey: ['deliveries', 'one', id],
    queryFn: ({ signal }) => get<Delivery>(`/v1/deliveries/${encodeURIComponent(id)}`, signal),
  });
  return (
    <Page title={`Delivery ${id}`}>
      <Loaded query={query}>{({ eventId }) => <Redirect to={`/events/${eventId}?delivery=${id}`} replace />}</Loaded>
    </Page>
  );
}
