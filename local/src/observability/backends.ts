import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serviceNames } from '@mart/contracts/services'
import type { Plan } from '../service-environment.ts'
import { alertMails } from './alert-mails.ts'
import type { Program } from './programs.ts'

const shipped = join(import.meta.dirname, '../../../deploy/observability')
const KEPT = '30d'

const ofVictoria = (name: string, repository: string, version: string): Program => ({
  name,
  commands: [`${name}-prod`, name], // as their releases and as others name it
  version,
  oldest: [1, 50],
  goPackage: `github.com/VictoriaMetrics/${repository}/app/${name}`,
})
const victoriaLogs = ofVictoria('victoria-logs', 'VictoriaLogs', 'v1.52.1')
const logAgent = ofVictoria('vlagent', 'VictoriaLogs', 'v1.52.1')
const victoriaMetrics = ofVictoria('victoria-metrics', 'VictoriaMetrics', 'v1.148.9')
const vmalert = ofVictoria('vmalert', 'VictoriaMetrics', 'v1.148.9')
const alertmanager: Program = {
  name: 'alertmanager',
  commands: ['alertmanager', 'prometheus-alertmanager'],
  version: 'v0.31.1', // later ones leave their pages out of the Go module
  oldest: [0, 25],
  goPackage: 'github.com/prometheus/alertmanager/cmd/alertmanager',
}

/** What --observe needs. */
export const backendPrograms: readonly Program[] = [victoriaLogs, logAgent, victoriaMetrics, vmalert, alertmanager]
/** Only looked for: its Go module lacks the pages, and takes half an hour to build. */
export const jaeger: Program = { name: 'jaeger', commands: ['jaeger'], version: 'v2.13.0', oldest: [2, 10] }
/** What tries the rules. */
export const vmalertTool = ofVictoria('vmalert-tool', 'VictoriaMetrics', 'v1.148.9')

/** A store, or what feeds it, and how it is run beside the mart. */
export interface Backend {
  readonly program: Program
  readonly args: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Answers 200 once it can be used. */
  readonly readyUrl: string
}

/** Every backend with its settings; the files that these name are written below the mart's data folder. */
export function planBackends(plan: Plan, smtpUrl: string): readonly Backend[] {
  const { settings, secrets, ports } = plan
  const folder = join(settings.dataDir, 'observability')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const configuration = (name: string, content: unknown) => {
    // Each of them reads YAML, of which JSON is a part.
    writeFileSync(join(folder, name), JSON.stringify(content, undefined, 2), { mode: 0o600 })
    return join(folder, name)
  }
  const at = (port: number) => `127.0.0.1:${port}`
  const url = (port: number, path = '') => `http://${at(port)}${path}`
  const staff = settings.given('STAFF_EMAIL') ?? secrets.adminEmail
  const mails = alertMails({ smtpUrl, to: staff, from: settings.given('MAIL_FROM') })
  return [
    {
      program: victoriaLogs,
      args: [
        `-httpListenAddr=${at(ports.logs)}`,
        `-storageDataPath=${join(folder, 'logs')}`,
        `-retentionPeriod=${KEPT}`,
        '-retention.maxDiskSpaceUsageBytes=2GiB',
        '-memory.allowedBytes=128MiB',
        '-loggerLevel=WARN',
      ],
      readyUrl: url(ports.logs, '/health'),
    },
    {
      program: logAgent,
      args: [
        `-httpListenAddr=${at(ports.logAgent)}`,
        `-tmpDataPath=${join(folder, 'log-agent')}`,
        `-remoteWrite.url=${url(ports.logs, '/insert/native')}`,
        '-remoteWrite.maxDiskUsagePerURL=500MiB',
        `-fileCollector.glob=${join(settings.dataDir, 'logs/*.log')}`,
        '-fileCollector.streamFields=service',
        '-fileCollector.hostnameField=',
        '-fileCollector.refreshInterval=1s',
        '-loggerLevel=WARN',
      ],
      readyUrl: url(ports.logAgent, '/health'),
    },
    {
      program: victoriaMetrics,
      args: [
        `-httpListenAddr=${at(ports.metrics)}`,
        `-storageDataPath=${join(folder, 'metrics')}`,
        `-retentionPeriod=${KEPT}`,
        '-storage.maxDailySeries=10000', // some 1 GB in thirty days, whatever the services tell
        '-memory.allowedBytes=128MiB',
        '-search.latencyOffset=5s',
        `-promscrape.config=${configuration('scrape.json', scraping(plan))}`,
        `-vmui.customDashboardsPath=${join(shipped, 'dashboards/vmui')}`,
        `-vmalert.proxyURL=${url(ports.rules)}`,
        '-loggerLevel=WARN',
      ],
      readyUrl: url(ports.metrics, '/health'),
    },
    {
      program: vmalert,
      args: [
        `-httpListenAddr=${at(ports.rules)}`,
        `-rule=${join(shipped, 'rules/*.yml')}`,
        `-datasource.url=${url(ports.metrics)}`,
        `-remoteWrite.url=${url(ports.metrics)}`,
        `-remoteRead.url=${url(ports.metrics)}`,
        `-notifier.url=${url(ports.alerts)}`,
        `-external.url=${url(ports.metrics)}`,
        '-external.alert.source=vmui/#/?g0.expr={{.Expr|queryEscape}}&g0.range_input=1h&g0.relative_time=last_1_hour',
        '-evaluationInterval=15s',
        '-rule.evalDelay=5s', // half a minute by default, as the store's latencyOffset
        '-disableAlertgroupLabel',
        '-loggerLevel=WARN',
      ],
      readyUrl: url(ports.rules, '/health'),
    },
    {
      program: alertmanager,
      args: [
        `--config.file=${configuration('alertmanager.json', mails)}`,
        `--storage.path=${join(folder, 'alerts')}`,
        `--web.listen-address=${at(ports.alerts)}`,
        '--cluster.listen-address=',
        '--log.level=warn',
      ],
      readyUrl: url(ports.alerts, '/-/ready'),
    },
  ]
}

/** Jaeger, with the configuration that it has in containers; every trace is kept. */
export const jaegerBackend = ({ ports }: Plan): Backend => ({
  program: jaeger,
  args: [`--config=${join(shipped, 'jaeger.yaml')}`],
  environment: {
    LISTEN_ON: '127.0.0.1',
    JAEGER_PORT: String(ports.traces),
    OTLP_PORT: String(ports.spans),
    TRACES_PERCENT: '100',
    OTEL_TRACES_SAMPLER: 'always_off', // of its own spans
  },
  readyUrl: `http://127.0.0.1:${ports.traces}/api/services`,
})

/** Whom VictoriaMetrics asks, in Prometheus' words: itself too, which sees the disk that the databases are on. */
function scraping({ settings, addresses, ports }: Plan) {
  const token = settings.given('METRICS_TOKEN')
  return {
    global: { scrape_interval: '15s', scrape_timeout: '5s' },
    scrape_configs: [
      {
        job_name: 'ai-mart',
        honor_labels: true, // each service names itself; the label here is for `up`
        ...(token && { authorization: { type: 'Bearer', credentials: token } }),
        static_configs: [...(addresses.shop ? ['gateway' as const] : []), ...serviceNames].map((service) => ({
          targets: [new URL(service === 'gateway' ? addresses.shop! : addresses[service]).host],
          labels: { service },
        })),
      },
      {
        job_name: 'metrics-store',
        static_configs: [{ targets: [`127.0.0.1:${ports.metrics}`] }],
        metric_relabel_configs: [
          { source_labels: ['__name__'], regex: 'vm_(free|total)_disk_space_bytes', action: 'keep' },
        ],
      },
    ],
  }
}
