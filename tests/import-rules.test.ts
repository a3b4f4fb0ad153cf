import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { importFaults } from './import-rules.ts'

const service = 'services/order/src'
const kit = "import '@mart/service-kit/"

/** For each rule a file that breaks it. */
const breaches: [rule: string, path: string, line: string][] = [
  ['services-never-import-services', `${service}/order.ts`, "import '../../payment/src/payment.ts'"],
  ['nobody-imports-a-service', 'packages/service-kit/src/outbox.ts', "import '../../../services/order/src/order.ts'"],
  ['contracts-import-nothing-of-ours', 'packages/contracts/src/money.ts', `${kit}errors'`],
  ['kit-knows-no-business', 'packages/service-kit/src/outbox.ts', "import '@mart/contracts/events/order-events'"],
  ['rules-do-no-io', `${service}/order.ts`, `${kit}postgres'`],
  ['rules-do-no-io', `${service}/order.ts`, "import 'node:https'"],
  ['rules-do-no-io', `${service}/cards/charge.ts`, `${kit}postgres'`],
  ['rules-do-no-io', `${service}/cards/charge.ts`, "import 'stripe'"],
  ['rules-do-no-io', `${service}/cards/charge.ts`, "import './card-client.ts'"],
  ['rules-do-no-io', `${service}/cards/charge.ts`, "import './card-store.ts'"],
  ['rules-do-no-io', `${service}/cards/charge.ts`, "import './use-cases.ts'"],
  ['rules-do-no-io', `${service}/cards/charge.ts`, "import './http.ts'"],
  ['stores-know-only-rules', `${service}/order-store.ts`, "import './use-cases/place-order.ts'"],
  ['stores-know-only-rules', `${service}/cards/card-store.ts`, "import './card-client.ts'"],
  ['use-cases-stand-alone', `${service}/use-cases/place-order.ts`, "import './cancel-order.ts'"],
  ['use-cases-stand-alone', `${service}/cards/use-cases.ts`, "import '../use-cases/place-order.ts'"],
  ['no-network-inside-a-transaction', `${service}/use-cases/place-order.ts`, "import '../cards/card-client.ts'"],
  ['no-network-inside-a-transaction', `${service}/cards/use-cases.ts`, "import './card-client.ts'"],
  ['doors-go-through-use-cases', `${service}/http.ts`, "import './order-store.ts'"],
  ['doors-go-through-use-cases', `${service}/http/place.ts`, "import '../order-store.ts'"],
  ['doors-go-through-use-cases', `${service}/cards/http.ts`, "import './card-store.ts'"],
  ['doors-go-through-use-cases', `${service}/cards/charge-worker.ts`, "import './card-store.ts'"],
  ['only-events-ts-hears-others', `${service}/order.ts`, "import '@mart/contracts/events/payment-events'"],
  ['simulators-stand-apart', 'packages/simulators/src/stripe.ts', "import '@mart/contracts/money'"],
  ['services-know-no-simulator', `${service}/cards/card-client.ts`, "import '@mart/simulators/stripe'"],
  ['services-know-nothing-around-them', `${service}/order.ts`, "import '@mart/demo/story'"],
  ['demo-is-a-visitor', 'demo/src/story.ts', "import '../../local/src/start.ts'"],
  ['demo-is-a-visitor', 'demo/src/story.ts', `${kit}postgres'`],
  ['nobody-imports-tools', 'local/src/start.ts', "import '@mart/tools/books'"],
  ['nobody-imports-tools', 'demo/src/story.ts', "import '@mart/tools/books'"],
  ['nobody-imports-a-service', 'tools/src/books.ts', "import '../../services/payment/src/payment.ts'"],
  ['tools-read-from-outside', 'tools/src/books.ts', "import '@mart/simulators/stripe'"],
  ['pages-know-contracts-alone', 'apps/web/shop/page.ts', `${kit}errors'`],
  ['pages-know-contracts-alone', 'apps/web/ui/format.ts', "import '../../gateway/src/gateway.ts'"],
  ['gateway-knows-no-service', 'apps/gateway/src/gateway.ts', "import '../../../services/order/src/order.ts'"],
  ['gateway-knows-no-service', 'apps/gateway/src/gateway.ts', "import '../../web/ui/format.ts'"],
  ['no-cycles', `${service}/order.ts`, "import './order-store.ts'"],
]

const clean: Record<string, string> = {
  [`${service}/order.ts`]: `${kit}errors'\nimport '@mart/contracts/events/order-events'`,
  [`${service}/order-store.ts`]: `${kit}postgres'\nimport './order.ts'`,
  [`${service}/use-cases/place-order.ts`]: `${kit}outbox'\nimport '../order-store.ts'`,
  [`${service}/use-cases/cancel-order.ts`]: "import '../order-store.ts'",
  [`${service}/cards/charge.ts`]: `${kit}errors'\nimport '../order.ts'`,
  [`${service}/cards/card-client.ts`]: "import 'stripe'",
  [`${service}/cards/card-store.ts`]: `${kit}postgres'\nimport './charge.ts'`,
  [`${service}/cards/use-cases.ts`]: "import './card-store.ts'",
  [`${service}/cards/http.ts`]: "import './use-cases.ts'\nimport './card-client.ts'",
  [`${service}/cards/charge-worker.ts`]: "import './use-cases.ts'\nimport './card-client.ts'",
  'node_modules/stripe/package.json': '{"name":"stripe","main":"index.js"}',
  'node_modules/stripe/index.js': '',
  [`${service}/http.ts`]: "import './use-cases/place-order.ts'",
  [`${service}/http/place.ts`]: "import '../use-cases/place-order.ts'",
  [`${service}/events.ts`]: "import '@mart/contracts/events/payment-events'",
  'services/payment/src/payment.ts': 'export {}',
  'packages/service-kit/src/errors.ts': 'export {}',
  'packages/service-kit/src/postgres.ts': 'export {}',
  'packages/service-kit/src/outbox.ts': "import '@mart/contracts/events/define-event'",
  'packages/contracts/src/money.ts': 'export {}',
  'packages/contracts/src/events/define-event.ts': 'export {}',
  'packages/contracts/src/events/order-events.ts': "import './define-event.ts'",
  'packages/contracts/src/events/payment-events.ts': "import './define-event.ts'",
  'packages/contracts/package.json': '{"name":"@mart/contracts","type":"module","exports":{"./*":"./src/*.ts"}}',
  'packages/service-kit/package.json': '{"name":"@mart/service-kit","type":"module","exports":{"./*":"./src/*.ts"}}',
  'package.json': '{"type":"module"}',
  'packages/simulators/src/stripe.ts': 'export {}',
  'packages/simulators/package.json': '{"name":"@mart/simulators","type":"module","exports":{"./*":"./src/*.ts"}}',
  'packages/service-kit/src/eventually.ts': 'export {}',
  'demo/src/story.ts': `${kit}eventually'`,
  'demo/package.json': '{"name":"@mart/demo","type":"module","exports":{"./*":"./src/*.ts"}}',
  'local/src/start.ts': "import '@mart/demo/story'",
  'tools/src/books.ts': `${kit}postgres'\nimport '../../local/src/start.ts'`,
  'tools/src/containers/simulators.ts': "import '@mart/simulators/stripe'",
  'tools/package.json': '{"name":"@mart/tools","type":"module","exports":{"./*":"./src/*.ts"}}',
  'apps/web/shop/page.ts': "import '../ui/format.ts'\nimport '@mart/contracts/money'",
  'apps/web/shop/pages.ts': 'export {}',
  'apps/web/ui/format.ts': 'export {}',
  'apps/gateway/src/gateway.ts': `${kit}errors'\nimport '../../web/shop/pages.ts'`,
  'tests/some.test.ts': 'export {}',
  'bench/main.ts': 'export {}',
}

describe('the import rules', () => {
  let house: string
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(house, path)), { recursive: true })
    writeFileSync(join(house, path), `${text}\n`)
  }
  before(() => {
    house = mkdtempSync(join(tmpdir(), 'import-rules-'))
    for (const [path, text] of Object.entries(clean)) write(path, text)
    mkdirSync(join(house, 'node_modules/@mart'), { recursive: true })
    for (const name of ['contracts', 'service-kit', 'simulators'])
      symlinkSync(`../../packages/${name}`, join(house, 'node_modules/@mart', name))
    for (const name of ['demo', 'tools']) symlinkSync(`../../${name}`, join(house, 'node_modules/@mart', name))
  })
  after(() => rmSync(house, { recursive: true }))

  test('a house that keeps them has no fault', async () => {
    assert.deepEqual(await importFaults(house), [])
  })

  for (const [rule, path, line] of breaches) {
    test(`${rule} catches ${path} with ${line}`, async () => {
      write(path, `${clean[path]}\n${line}`)
      const faults = await importFaults(house)
      write(path, clean[path]!)
      assert.ok(
        faults.some((fault) => fault.startsWith(`${rule}: `) && fault.includes(path)),
        `seen: ${faults.join(', ') || 'nothing'}`,
      )
    })
  }
})
