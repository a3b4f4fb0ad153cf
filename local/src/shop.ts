import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { serviceNames } from '@mart/contracts/services'
import { MartFault } from '@mart/service-kit/fault'
import { isBuilt } from '@mart/web/build'
import { ofTheProcess, passedOn, type Surroundings, withoutGaps } from './service-environment.ts'
import type { Up } from './steps.ts'
import { supervise } from './supervisor.ts'

const ofTheWindow = ['SHOP_CURRENCIES', 'SHOP_COUNTRY', 'SELLER_NAME', 'SELLER_ADDRESS', 'SELLER_TAX_NUMBER']
const root = join(import.meta.dirname, '../..')

/** Builds the shop's pages when what they are made of has changed, in a process of its own: what builds takes memory. */
export async function buildPages(up: Up): Promise<void> {
  if (isBuilt()) return
  await up.step('pages', async () => {
    const child = spawn(process.execPath, [join(root, 'apps/web/build.ts')], { stdio: ['ignore', 'ignore', 'pipe'] })
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    if (code !== 0) throw new MartFault(`The shop's pages could not be built:\n${said}`)
  })
}

/** Starts the gateway, which shows the shop and forwards to the services. */
export async function bringUpShop(up: Up, around: Surroundings): Promise<void> {
  const { settings, addresses } = around
  await up.step('shop', async () => {
    const gateway = supervise({
      name: 'gateway',
      script: join(root, 'apps/gateway/src/main.ts'),
      environment: gatewayEnvironment(around),
      readyUrls: [`${addresses.shop}/health/ready`],
      logFile: join(settings.dataDir, 'logs/gateway.log'),
      report: up.say,
    })
    up.add({ stage: 'services', name: 'gateway', stop: gateway.stop })
    await gateway.ready
  })
}

/** What the gateway is told: where the services are, and nothing secret. */
const gatewayEnvironment = (around: Surroundings): Record<string, string> =>
  withoutGaps({
    ...ofTheProcess(around),
    ...passedOn(around.settings, ['LOG_LEVEL', 'TRUSTED_PROXIES', 'MAX_CONNECTIONS', 'METRICS_TOKEN', ...ofTheWindow]),
    HOST: around.settings.host,
    PORT: String(around.ports.shop),
    MART_RATE_LIMITS: around.settings.rateLimits,
    SHOP_URL: around.settings.given('SHOP_URL') ?? around.addresses.shop,
    ...Object.fromEntries(serviceNames.map((name) => [`${name.toUpperCase()}_SERVICE_URL`, around.addresses[name]])),
  })
