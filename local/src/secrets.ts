import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { MartFault } from '@mart/service-kit/fault'
import { type DatabasePasswords, databaseNames } from './databases.ts'
import { asFileFault } from './file-fault.ts'
import type { Settings } from './settings.ts'

export interface Secrets {
  readonly superuserPassword: string
  readonly databasePasswords: DatabasePasswords
  readonly authSecret: string
  /** Makes the links of guests. */
  readonly guestLinkSecret: string
  readonly stripeSecretKey: string
  readonly stripeWebhookSecret: string
  /** Of the simulated PayFast; the merchant's own id and key are settings. */
  readonly payfastMerchantId: string
  readonly payfastSecuredKey: string
  readonly adminEmail: string
  readonly adminPassword: string
}

const secretsFile = (dataDir: string) => join(dataDir, 'secrets.json')

/**
 * The mart's secrets: those kept in the data folder, what is missing made up and kept. The first admin is whom the
 * settings named at first start. Throws MartFault when the file can't be read or written.
 */
export function keepSecrets({ dataDir, adminEmail, adminPassword, given }: Settings): Secrets {
  const file = secretsFile(dataDir)
  const kept = read(file)
  const secrets: Secrets = {
    superuserPassword: random(),
    authSecret: random(32),
    guestLinkSecret: random(32),
    stripeSecretKey: `sk_test_${random()}`,
    stripeWebhookSecret: `whsec_${random()}`,
    payfastMerchantId: '102',
    payfastSecuredKey: random(),
    adminEmail: adminEmail ?? 'admin@mart.local',
    adminPassword: adminPassword ?? random(12),
    ...kept,
    databasePasswords: {
      ...(Object.fromEntries(databaseNames.map((name) => [name, random()])) as DatabasePasswords),
      ...kept.databasePasswords,
    },
  }
  if (!isDeepStrictEqual(secrets, kept)) write(file, secrets)
  return {
    ...secrets,
    authSecret: given('AUTH_SECRET') ?? secrets.authSecret,
    guestLinkSecret: given('GUEST_LINK_SECRET') ?? secrets.guestLinkSecret,
  }
}

/** Settings that name another first admin than the one that the first start has made, a line each. */
export function ignoredSettings(settings: Settings, secrets: Secrets): string[] {
  const kept = `is passed over: the admin of this data folder is ${secrets.adminEmail} since the first start`
  return (['adminEmail', 'adminPassword'] as const).flatMap((name) => {
    if (settings[name] === undefined || settings[name] === secrets[name]) return []
    return name === 'adminEmail' ? `MART_ADMIN_EMAIL ${kept}` : `MART_ADMIN_PASSWORD ${kept}, with the password of then`
  })
}

/** The secrets of a mart that has been started before. */
export const readSecrets = (dataDir: string): Secrets => read(secretsFile(dataDir)) as Secrets

function write(file: string, secrets: Secrets): void {
  try {
    writeFileSync(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flush: true })
    renameSync(`${file}.new`, file)
  } catch (error) {
    throw asFileFault(error, file)
  }
}

function read(file: string): Partial<Secrets> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<Secrets>
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    if (error instanceof SyntaxError)
      throw new MartFault(`${file} is not JSON: put back what was there, or set MART_DATA_DIR to another folder.`)
    throw asFileFault(error, file)
  }
}

const random = (byteCount = 24) => randomBytes(byteCount).toString('base64url')
