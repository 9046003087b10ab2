import { Page } from '../../parts/page.tsx';

export function SchemasPage() {
  return <Page title="SchemasPage">…</Page>;
}
