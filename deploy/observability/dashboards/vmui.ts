import { serviceNames } from '@mart/contracts/services'
import { type Dashboard, type Panel, units } from './dashboard.ts'

/** VictoriaMetrics' own page knows no variables: a dashboard about one service is made for each. */
export function vmuiFiles(dashboard: Dashboard): Record<string, unknown> {
  const { name, title, isPerService } = dashboard
  if (!isPerService) return { [`${name}.json`]: page(dashboard, title, '.*') }
  return Object.fromEntries(
    ['gateway', ...serviceNames].map((service) => [
      `${name}-${service}.json`,
      page(dashboard, `Service ${service}`, service),
    ]),
  )
}

/** All in one row: it opens the first one only. */
const page = ({ rows }: Dashboard, title: string, service: string) => ({
  title,
  rows: [{ title, panels: rows.flatMap(({ panels }) => panels.map((panel) => panelOf(panel, service))) }],
})

const panelOf = ({ title, description, unit, lines }: Panel, service: string) => ({
  title,
  description,
  unit: units[unit].vmui,
  // Without a window MetricsQL looks back over what lies between two points of the picture.
  expr: Object.values(lines).map((query) => query.replaceAll('[$window]', '').replaceAll('$service', service)),
  alias: Object.keys(lines),
  showLegend: true,
  width: 6,
})
