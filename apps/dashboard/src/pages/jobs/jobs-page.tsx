import { Page } from '../../parts/page.tsx';

export function JobsPage() {
  return <Page title="JobsPage">…</Page>;
}
