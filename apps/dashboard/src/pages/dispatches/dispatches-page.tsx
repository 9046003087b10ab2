import { Page } from '../../parts/page.tsx';

export function DispatchesPage() {
  return <Page title="DispatchesPage">…</Page>;
}
