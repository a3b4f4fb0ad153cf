import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const root = join(import.meta.dirname, '../..')
const OFFSET = 20_000
const PATIENCE_MS = 240_000

export interface Container {
  readonly id: string
  readonly service: string
  readonly state: string
  /** Null where the container has no health check. */
  readonly health: string | null
  readonly exitCode: number
  readonly boundTo: readonly string[]
}

/** The mart of compose.yaml as a project of its own: no port, container or volume of another one is touched. */
export interface Stack {
  readonly adminPassword: string
  readonly shopUrl: string
  /** Where the second replica of order may be. */
  readonly orderUrls: readonly string[]
  readonly portOffset: number
  up(): Promise<void>
  /** Without the volumes, so that all is there when it comes up again. */
  down(): Promise<void>
  remove(): Promise<void>
  /** What one of the tools says. Rejects when it ends with a fault. */
  tool(name: 'demo' | 'books'): Promise<string>
  /** `npm run demo` on this machine, outside of the network. */
  demoFromOutside(): Promise<string>
  containers(): Promise<Container[]>
  /** Waits until every container is healthy, or has ended well where it runs once. */
  becomesHealthy(): Promise<void>
  /** Kills what runs in a container with SIGKILL, as a fault would, so that its restart policy counts. */
  kill(container: Container): Promise<void>
  query(service: string, sql: string): Promise<string>
}

const published = { USER: 8000, ORDER: 8003, PRODUCT: 8005, INVENTORY: 8007, PAYMENT: 8008, NOTIFICATION: 8009 }

/** COMPOSE is the command to use: `docker compose`, unless it says `docker-compose`. `settings` are what .env would say. */
export function composeStack(settings: Readonly<Record<string, string>> = {}): Stack {
  const [command, ...first] = (process.env['COMPOSE'] ?? 'docker compose').split(' ') as [string, ...string[]]
  // docker-compose 1.29 knows no --wait.
  const wait = command === 'docker' ? ['--wait', '--wait-timeout', '300'] : []
  const project = `mart-test-${process.pid}`
  const at = (port: number) => `http://127.0.0.1:${port + OFFSET}`
  const adminPassword = randomBytes(12).toString('hex')
  const environment = {
    ...process.env,
    MART_HOST: '127.0.0.1',
    MART_NETWORK: '10.83.1',
    SHOP_PORT: String(3000 + OFFSET),
    SHOP_URL: at(3000),
    MART_RATE_LIMITS: 'off',
    MART_ADMIN_PASSWORD: adminPassword,
    ...Object.fromEntries(Object.entries(published).map(([name, port]) => [`${name}_PORTS`, String(port + OFFSET)])),
    ORDER_PORTS: `${8003 + OFFSET}-${8004 + OFFSET}`,
    KAFKA_PORT: String(9092 + OFFSET),
    KAFKA_UI_PORT: String(8080 + OFFSET),
    MAIL_PORT: String(8025 + OFFSET),
    SIMULATORS_PORT: String(8010 + OFFSET),
    USER_URL: at(8000),
    PUBLIC_URL: at(8008),
    SIMULATOR_PUBLIC_URL: at(8010),
    ...settings,
  }
  const run = (name: string, args: readonly string[], extra = {}) => runIn({ ...environment, ...extra }, name, args)
  const compose = (...args: string[]) => run(command, [...first, '-p', project, ...args])

  async function containers(): Promise<Container[]> {
    const ids = await run('docker', [
      'ps',
      '-aq',
      '--no-trunc',
      '--filter',
      `label=com.docker.compose.project=${project}`,
    ])
    if (!ids) return []
    const inspected = JSON.parse(await run('docker', ['inspect', ...ids.split('\n')])) as Inspected[]
    return inspected.filter(({ Config }) => Config.Labels['com.docker.compose.oneoff'] !== 'True').map(read)
  }

  return {
    adminPassword,
    shopUrl: at(3000),
    orderUrls: [at(8003), at(8004)],
    portOffset: OFFSET,
    up: async () => void (await compose('up', '--build', '-d', ...wait, '--scale', 'order-service=2')),
    down: async () => void (await compose('down')),
    remove: async () => void (await compose('down', '--volumes', '--remove-orphans')),
    tool: (name) => compose('run', '--rm', '-T', name),
    demoFromOutside: () =>
      run(process.execPath, ['tools/src/demo.ts', '--url', 'http://127.0.0.1'], { MART_PORT_OFFSET: String(OFFSET) }),
    containers,
    async becomesHealthy() {
      const end = Date.now() + PATIENCE_MS
      while (true) {
        const waiting = (await containers()).filter((container) => !isWell(container))
        if (waiting.length === 0) return
        if (Date.now() > end) throw new Error(`Not healthy: ${JSON.stringify(waiting)}`)
        await sleep(1_000)
      }
    },
    async kill({ id, service }) {
      const user = service.endsWith('-db') ? ['--user', 'postgres'] : []
      await run('docker', ['exec', ...user, id, 'sh', '-c', 'kill -9 -1']).catch(() => undefined) // it dies with it
    },
    query: (service, sql) =>
      compose('exec', '-T', service, 'sh', '-c', `psql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -Atc "${sql}"`),
  }
}

const isWell = ({ health, state, exitCode }: Container) =>
  state === 'running' ? health === 'healthy' : state === 'exited' && exitCode === 0

interface Inspected {
  readonly Id: string
  readonly Config: { readonly Labels: Record<string, string> }
  readonly State: { readonly Status: string; readonly ExitCode: number; readonly Health?: { readonly Status: string } }
  readonly HostConfig: { readonly PortBindings: Record<string, readonly { readonly HostIp: string }[]> | null }
}

const read = ({ Id, Config, State, HostConfig }: Inspected): Container => ({
  id: Id,
  service: Config.Labels['com.docker.compose.service'] ?? '',
  state: State.Status,
  health: State.Health?.Status ?? null,
  exitCode: State.ExitCode,
  boundTo: Object.values(HostConfig.PortBindings ?? {}).flatMap((bindings) => bindings.map(({ HostIp }) => HostIp)),
})

function runIn(env: NodeJS.ProcessEnv, command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: root, env, maxBuffer: 64 * 1024 * 1024, timeout: 15 * 60_000 }
    execFile(command, args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout.trim())
      reject(
        new Error(`${command} ${args.join(' ')}: ${error.message}\n${stdout.slice(-3000)}\n${stderr.slice(-3000)}`),
      )
    })
  })
}
