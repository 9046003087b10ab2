import { Page } from '../../parts/page.tsx';

export function EndpointPage({ tenantId, id }: { readonly tenantId: string; readonly id: string }) {
  return (
    <Page title="EndpointPage">
      {tenantId} {id}
    </Page>
  );
}
