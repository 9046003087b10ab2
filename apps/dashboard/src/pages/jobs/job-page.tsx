import { Page } from '../../parts/page.tsx';

export function JobPage({ id }: { readonly id: string }) {
  return <Page title="JobPage">{id}</Page>;
}
