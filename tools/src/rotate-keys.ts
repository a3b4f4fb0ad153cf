// `npm run rotate-keys`: another key signs the tokens from a while on; with --now at once, because the old one has leaked.
import { parseArgs } from 'node:util'
import { type ServiceName, serviceNames } from '@mart/contracts/services'
import { eventually } from '@mart/service-kit/eventually'
import { MartFault } from '@mart/service-kit/fault'
import { connectDatabase, type Database } from '@mart/service-kit/postgres'
import { martHere } from './mart-here.ts'
import { knowsRemoteBooks, readRemoteBooks } from './remote-mart.ts'
import { askForSigningKey, refusesAll, signingKeys } from './signing-key-queries.ts'

const PATIENCE_MS = 30_000

const help = `npm run rotate-keys              a new key signs in a quarter of an hour; no token is refused
npm run rotate-keys -- --now     the old key has leaked: a new one signs at once, tokens of the old one are refused`

try {
  const isLeaked = readArguments(process.argv.slice(2))
  const { databaseUrls } = knowsRemoteBooks(process.env) ? readRemoteBooks(process.env) : martHere()
  await rotate(databaseUrls, isLeaked)
} catch (error) {
  console.error(error instanceof MartFault ? error.message : error)
  process.exitCode = 1
}

async function rotate(databaseUrls: Readonly<Record<ServiceName, string>>, isLeaked: boolean): Promise<void> {
  const old = await withDatabase(databaseUrls.user, async (db) => {
    const ids = await askForSigningKey(db, isLeaked)
    const { id, signs_from } = await newKey(db, ids, isLeaked)
    if (isLeaked) console.log(`Revoked: ${ids.join(', ')}\nThe key ${id} signs now.`)
    else if (ids.length === 0)
      console.log(`A new key is published already: ${id} signs from ${signs_from.toISOString()} on.`)
    else console.log(`The key ${id} is published, and signs from ${signs_from.toISOString()} on.`)
    return ids
  })
  if (!isLeaked) return
  const refusing = await Promise.all(
    serviceNames.map((name) => withDatabase(databaseUrls[name], (db) => refuses(db, old)).catch(() => false)),
  )
  const named = (does: boolean) => serviceNames.filter((_, index) => refusing[index] === does).join(', ')
  console.log(`Its tokens are refused by: ${named(true) || 'none yet'}`)
  if (named(false))
    throw new MartFault(
      `Not told within ${PATIENCE_MS / 1000} s: ${named(false)}. See docs/operations.md, A leaked key.`,
    )
}

/** The key that the user service has made in place of the old ones. */
async function newKey(db: Database, old: readonly string[], isLeaked: boolean) {
  let newest: { id: string; signs_from: Date } | undefined
  await eventually(
    async () => {
      const keys = await signingKeys(db)
      newest = keys[0]
      return newest !== undefined && (isLeaked ? keys : [newest]).every(({ id }) => !old.includes(id))
    },
    'a new key is there',
    PATIENCE_MS,
  ).catch(() => {
    throw new MartFault(`No new key within ${PATIENCE_MS / 1000} s: the user service makes it as soon as it runs.`)
  })
  return newest!
}

async function refuses(db: Database, keys: readonly string[]): Promise<boolean> {
  return await eventually(() => refusesAll(db, keys).catch(() => false), 'it is told', PATIENCE_MS).then(
    () => true,
    () => false,
  )
}

async function withDatabase<Result>(url: string, work: (db: Database) => Promise<Result>): Promise<Result> {
  const db = connectDatabase(url, { max: 1, applicationName: 'rotate-keys' })
  return await work(db).finally(() => db.end({ timeout: 5 }))
}

/** Whether the key has leaked. */
function readArguments(args: string[]): boolean {
  try {
    return parseArgs({ args, options: { now: { type: 'boolean' } } }).values.now ?? false
  } catch (error) {
    throw new MartFault(`${(error as Error).message.split('. ')[0]}.\n\n${help}`)
  }
}
