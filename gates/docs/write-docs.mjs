import '../require-node.mjs';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { errorsPage } = await import('../dist/gates/docs/errors-page.js');
writeFileSync(new URL('../../docs/errors.md', import.meta.url), errorsPage());

const { reasonsPage } = await import('../dist/gates/docs/reasons-page.js');
writeFileSync(new URL('../../docs/dispatch-reasons.md', import.meta.url), reasonsPage());

const { dispatchingJsonSchema } = await import('@waybill/dispatching');
writeFileSync(
  new URL('../../packages/dispatching/dispatching.schema.json', import.meta.url),
  `${JSON.stringify(dispatchingJsonSchema(), null, 2)}\n`,
);

const { conformancePage } = await import('../dist/gates/docs/conformance-page.js');
writeFileSync(new URL('../../docs/github-conformance.md', import.meta.url), conformancePage());

const { gamedayPage } = await import('../dist/gates/docs/gameday-page.js');
writeFileSync(new URL('../../docs/runbooks/gameday.md', import.meta.url), gamedayPage(fileURLToPath(new URL('../../', import.meta.url))));

const { metricsPage } = await import('../dist/gates/monitoring/metrics-page.js');
writeFileSync(new URL('../../docs/metrics.md', import.meta.url), metricsPage(fileURLToPath(new URL('../../', import.meta.url))));

const { dashboardFiles } = await import('../dist/gates/monitoring/dashboards/files.js');
for (const { path, text } of dashboardFiles()) writeFileSync(new URL(`../../${path}`, import.meta.url), text);
