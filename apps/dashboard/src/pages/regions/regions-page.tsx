import { Page } from '../../parts/page.tsx';

export function RegionsPage() {
  return <Page title="RegionsPage">…</Page>;
}
