import { Page } from '../../parts/page.tsx';

export function EventPage({ id }: { readonly id: string }) {
  return <Page title="EventPage">{id}</Page>;
}
