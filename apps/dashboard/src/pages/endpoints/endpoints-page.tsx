import { Page } from '../../parts/page.tsx';

export function EndpointsPage() {
  return <Page title="EndpointsPage">…</Page>;
}
