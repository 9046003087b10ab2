import { DashboardBuilder, type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import {
  LegendDisplayMode,
  LegendPlacement,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** One panel: lines over time. `unit` is one of Grafana's: s, short, percentunit, reqps. */
export interface PanelPlan {
  readonly title: string;
  readonly about: string;
  readonly unit: string;
  readonly lines: readonly { readonly expr: string; readonly legend: string }[];
}

/** One dashboard, in rows that each begin with a title. `uid` is its address. */
export interface DashboardPlan {
  readonly uid: string;
  readonly title: string;
  readonly about: string;
  readonly rows: readonly { readonly title: string; readonly panels: readonly PanelPlan[] }[];
}

/** Of the 24 columns of a dashboard. */
const PANEL_WIDTH = 12;
const PANEL_HEIGHT = 8;
/** `A`, as Grafana names the first query of a panel. */
const FIRST_QUERY = 65;
/** The data source that infra/grafana/provisioning sets up. */
export const DATA_SOURCE = { type: 'prometheus', uid: 'waybill-prometheus' };

/** A dashboard as Grafana reads it. */
export function buildDashboard({ uid, title, about, rows }: DashboardPlan): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(about)
    .tags(['waybill'])
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' });
  // Links to a panel name its id, which Grafana would give anew each time it reads the file.
  let id = 0;
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title).id((id += 1)));
    for (const panel of row.panels) builder.withPanel(buildPanel(panel).id((id += 1)));
  }
  return builder.build();
}

function buildPanel({ title, about, unit, lines }: PanelPlan): PanelBuilder {
  const panel = new PanelBuilder()
    .title(title)
    .description(about)
    .unit(unit)
    .min(0)
    .datasource(DATA_SOURCE)
    .span(PANEL_WIDTH)
    .height(PANEL_HEIGHT)
    .legend(new VizLegendOptionsBuilder().showLegend(true).displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
  for (const [at, { expr, legend }] of lines.entries())
    panel.withTarget(
      new DataqueryBuilder()
        .refId(String.fromCodePoint(FIRST_QUERY + at))
        .expr(expr)
        .legendFormat(legend),
    );
  return panel;
}
