// The container `catalogue`: puts the demo catalogue on the shelves, once.
import { existsSync, writeFileSync } from 'node:fs'
import { seedCatalogue } from '@mart/demo/seed'
import { readSettings } from '@mart/local/settings'
import { MartFault } from '@mart/service-kit/fault'
import { readRemoteMart } from '../remote-mart.ts'

const DONE = '/setup/catalogue'

try {
  const { catalogue } = readSettings(process.env)
  if (existsSync(DONE)) console.log('The shelves were filled before.')
  else if (catalogue === 'empty') console.log('The shelves stay empty: MART_CATALOGUE says so.')
  else await fill()
} catch (error) {
  console.error(error instanceof MartFault ? error.message : error)
  process.exitCode = 1
}

async function fill(): Promise<void> {
  const { addresses, adminEmail: email, adminPassword: password } = readRemoteMart(process.env)
  const { products, skus } = await seedCatalogue({ addresses, admin: { email, password }, report: console.log })
  writeFileSync(DONE, new Date().toISOString())
  console.log(`${products} products, ${skus} SKUs are on the shelves.`)
}
