import { Page } from '../../parts/page.tsx';

export function DispatchPage({ id }: { readonly id: string }) {
  return <Page title="DispatchPage">{id}</Page>;
}
