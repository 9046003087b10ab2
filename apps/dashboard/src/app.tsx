import { lazy, Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { Page } from './parts/page.tsx';
import { Shell } from './shell/shell.tsx';

const RegionsPage = lazy(() => import('./pages/regions/regions-page.tsx').then((page) => ({ default: page.RegionsPage })));
const EventsPage = lazy(() => import('./pages/events/events-page.tsx').then((page) => ({ default: page.EventsPage })));
const EventPage = lazy(() => import('./pages/events/event-page.tsx').then((page) => ({ default: page.EventPage })));
const TracePage = lazy(() => import('./pages/events/trace-page.tsx').then((page) => ({ default: page.TracePage })));
const DeliveriesPage = lazy(() => import('./pages/deliveries/deliveries-page.tsx').then((page) => ({ default: page.DeliveriesPage })));
const DeliveryPage = lazy(() => import('./pages/deliveries/delivery-page.tsx').then((page) => ({ default: page.DeliveryPage })));
const DeadLettersPage = lazy(() =>
  import('./pages/dead-letters/dead-letters-page.tsx').then((page) => ({ default: page.DeadLettersPage })),
);
const EndpointsPage = lazy(() => import('./pages/endpoints/endpoints-page.tsx').then((page) => ({ default: page.EndpointsPage })));
const EndpointPage = lazy(() => import('./pages/endpoints/endpoint-page.tsx').then((page) => ({ default: page.EndpointPage })));
const DispatchesPage = lazy(() => import('./pages/dispatches/dispatches-page.tsx').then((page) => ({ default: page.DispatchesPage })));
const DispatchPage = lazy(() => import('./pages/dispatches/dispatch-page.tsx').then((page) => ({ default: page.DispatchPage })));
const SchemasPage = lazy(() => import('./pages/schemas/schemas-page.tsx').then((page) => ({ default: page.SchemasPage })));
const JobsPage = lazy(() => import('./pages/jobs/jobs-page.tsx').then((page) => ({ default: page.JobsPage })));
const JobPage = lazy(() => import('./pages/jobs/job-page.tsx').then((page) => ({ default: page.JobPage })));
const AuditPage = lazy(() => import('./pages/audit/audit-page.tsx').then((page) => ({ default: page.AuditPage })));
const SettingsPage = lazy(() => import('./pages/settings/settings-page.tsx').then((page) => ({ default: page.SettingsPage })));

/** Every page by its address. The ingress serves the same document for all of them: keep `DASHBOARD_PAGES` there in step (a test compares them). */
export function App() {
  return (
    <Shell>
      <Suspense
        fallback={
          <p className="loading" role="status">
            Loading …
          </p>
        }
      >
        <Switch>
          <Route path="/" component={RegionsPage} />
          <Route path="/events" component={EventsPage} />
          <Route path="/events/:id">{({ id }) => <EventPage id={id} />}</Route>
          <Route path="/traces/:id">{({ id }) => <TracePage id={id} />}</Route>
          <Route path="/deliveries" component={DeliveriesPage} />
          <Route path="/deliveries/:id">{({ id }) => <DeliveryPage id={id} />}</Route>
          <Route path="/dead-letters" component={DeadLettersPage} />
          <Route path="/endpoints" component={EndpointsPage} />
          <Route path="/endpoints/:tenantId/:id">{({ tenantId, id }) => <EndpointPage tenantId={tenantId} id={id} />}</Route>
          <Route path="/dispatches" component={DispatchesPage} />
          <Route path="/dispatches/:id">{({ id }) => <DispatchPage id={id} />}</Route>
          <Route path="/schemas" component={SchemasPage} />
          <Route path="/jobs" component={JobsPage} />
          <Route path="/jobs/:id">{({ id }) => <JobPage id={id} />}</Route>
          <Route path="/audit" component={AuditPage} />
          <Route path="/settings" component={SettingsPage} />
          <Route>
            <Page title="There is nothing here">
              <p>The address may be of another version. The navigation leads to every page; / searches.</p>
            </Page>
          </Route>
        </Switch>
      </Suspense>
    </Shell>
  );
}
