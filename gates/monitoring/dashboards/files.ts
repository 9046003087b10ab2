import { buildDashboard, type DashboardPlan } from './build.ts';
import { CANARY_DASHBOARD } from './canary.ts';
import { PIPELINE_DASHBOARD } from './pipeline.ts';
import { REGIONS_DASHBOARD } from './regions.ts';

/** All dashboards. */
export const DASHBOARDS: readonly DashboardPlan[] = [REGIONS_DASHBOARD, PIPELINE_DASHBOARD, CANARY_DASHBOARD];

/** Where each dashboard lies in the repository, and its text there. */
export const dashboardFiles = (): { readonly path: string; readonly text: string }[] =>
  DASHBOARDS.map((plan) => ({
    path: `infra/grafana/dashboards/${plan.uid}.json`,
    text: `${JSON.stringify(buildDashboard(plan), null, 2)}\n`,
  }));
