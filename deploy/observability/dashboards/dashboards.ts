import type { Dashboard } from './dashboard.ts'
import { grafanaDashboard } from './grafana.ts'
import { machineryDashboards } from './machinery-dashboards.ts'
import { moneyDashboard } from './money-dashboard.ts'
import { postgresDashboard } from './postgres-dashboard.ts'
import { shopDashboards } from './shop-dashboards.ts'
import { vmuiFiles } from './vmui.ts'

const dashboards: readonly Dashboard[] = [...shopDashboards, moneyDashboard, ...machineryDashboards, postgresDashboard]

/** Every query, and in which panel it stands; with `[$window]` and `$service` as they are written. */
export const dashboardQueries = dashboards.flatMap(({ title, rows }) =>
  rows.flatMap(({ panels }) =>
    panels.flatMap((panel) =>
      Object.values(panel.lines).map((query) => ({ where: `${title} / ${panel.title}`, query })),
    ),
  ),
)

const folder = 'deploy/observability/dashboards'
const text = (content: unknown) => `${JSON.stringify(content, undefined, 2)}\n`

/** The files of all dashboards by their path, for Grafana and for VictoriaMetrics' own page. */
export const dashboardFiles = (): Record<string, string> =>
  Object.fromEntries(
    dashboards.flatMap((dashboard) => [
      [`${folder}/grafana/${dashboard.name}.json`, text(grafanaDashboard(dashboard))],
      ...Object.entries(vmuiFiles(dashboard)).map(([name, page]) => [`${folder}/vmui/${name}`, text(page)]),
    ]),
  )
