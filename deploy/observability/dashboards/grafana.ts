import { LegendDisplayMode, LegendPlacement, VizLegendOptionsBuilder } from '@grafana/grafana-foundation-sdk/common'
import {
  type Dashboard as Built,
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  QueryVariableBuilder,
  RowBuilder,
  TextBoxVariableBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as TextPanelBuilder } from '@grafana/grafana-foundation-sdk/text'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { type Dashboard, type Panel, units } from './dashboard.ts'

const metrics = { type: 'prometheus', uid: 'metrics' }
const PANEL_HEIGHT = 8

/** The dashboard as Grafana's provisioning reads it. */
export function grafanaDashboard({ name, title, rows, isPerService, asksForOrder }: Dashboard): Built {
  const others = new DashboardLinkBuilder('The other dashboards')
    .type(DashboardLinkType.Dashboards)
    .tags(['ai-mart'])
    .asDropdown(true)
    .keepTime(true)
  const start = new DashboardLinkBuilder('First page').type(DashboardLinkType.Link).url('http://127.0.0.1:3001')
  const built = new DashboardBuilder(title)
    .uid(`ai-mart-${name}`)
    .tags(['ai-mart'])
    .readonly()
    .timezone('browser')
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .link(others)
    .link(start)
  if (isPerService)
    built.withVariable(
      new QueryVariableBuilder('service').query('label_values(up{job="ai-mart"}, service)').datasource(metrics),
    )
  if (asksForOrder) built.withVariable(new TextBoxVariableBuilder('order').label('Order')).withPanel(orderLinks())
  for (const row of rows) {
    built.withRow(new RowBuilder(row.title))
    for (const panel of row.panels) built.withPanel(panelOf(panel))
  }
  return built.build()
}

function panelOf({ title, description, unit, lines }: Panel): PanelBuilder {
  const panel = new PanelBuilder()
    .title(title)
    .description(description)
    .unit(units[unit].grafana)
    .min(0)
    .datasource(metrics)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )
    .span(12)
    .height(PANEL_HEIGHT)
  for (const [legend, query] of Object.entries(lines))
    panel.withTarget(new DataqueryBuilder().expr(query.replaceAll('$window', '$__rate_interval')).legendFormat(legend))
  return panel
}

const orderLinks = () =>
  new TextPanelBuilder()
    .title('This order')
    .span(24)
    .height(3)
    .content(
      `[Its lines in the logs](http://127.0.0.1:9428/select/vmui/#/?query=*%3A%22\${order}%22%20%7C%20sort%20by%20(_time)&g0.range_input=2d&g0.relative_time=last_2_days) of all services, [its traces](http://127.0.0.1:16686/search?service=order&lookback=2d&tags=%7B%22order.id%22%3A%22\${order}%22%7D) if its id is written above, [the trace of its placing](http://127.0.0.1:16686/search?service=order&lookback=2d&tags=%7B%22order.number%22%3A%22\${order}%22%7D) if its number is.`,
    )
