import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Addresses, MartVisited } from '@mart/demo/visited-mart'
import { MartFault } from '@mart/service-kit/fault'
import { type DatabaseUrls, databaseUrls } from './databases.ts'
import { asFileFault } from './file-fault.ts'
import { startMark } from './processes.ts'
import { readSecrets } from './secrets.ts'

export interface RunningMart extends MartVisited {
  readonly pid: number
  readonly databaseUrls: DatabaseUrls
  readonly eventLogUrl: string
}

interface Announcement {
  readonly addresses: Addresses
  readonly postgresPort: number
  readonly eventLogUrl: string
}

interface MartFile {
  readonly pid: number
  /** Tells the process from a later one with the same id. */
  readonly startMark: string | undefined
  /** From when the mart can be used. */
  readonly ready?: Announcement
}

export interface HeldFolder {
  /** A mart held it before and was killed. */
  readonly wasLeft: boolean
  /** Tells others on this machine how to reach the mart. */
  announce(ready: Announcement): void
  release(): void
}

/** Makes the data folder and takes it for this process. Throws MartFault when a running mart has it. */
export function holdFolder(dataDir: string): HeldFolder {
  const file = martFile(dataDir)
  const self: MartFile = { pid: process.pid, startMark: startMark(process.pid) }
  try {
    makeFolder(dataDir)
    const wasLeft = take(file, self)
    return {
      wasLeft,
      announce(ready) {
        write(`${file}.new`, { ...self, ready })
        renameSync(`${file}.new`, file)
      },
      release: () => rmSync(file, { force: true }),
    }
  } catch (error) {
    throw asFileFault(error, dataDir)
  }
}

/** The mart that runs on a data folder at the moment, once it can be used. */
export function findRunningMart(dataDir: string): RunningMart | undefined {
  const found = read(martFile(dataDir))
  if (!found?.ready || !isAlive(found)) return undefined
  const { databasePasswords, adminEmail, adminPassword } = readSecrets(dataDir)
  const { addresses, postgresPort, eventLogUrl } = found.ready
  return {
    pid: found.pid,
    addresses,
    databaseUrls: databaseUrls(postgresPort, databasePasswords),
    eventLogUrl,
    adminEmail,
    adminPassword,
  }
}

const martFile = (dataDir: string) => join(dataDir, 'mart.json')

function makeFolder(dataDir: string): void {
  const isNew = !existsSync(dataDir)
  makeMissing(dataDir)
  // Root lends PostgreSQL another account, which has to pass through; what is secret is closed file by file.
  if (isNew && process.getuid?.() === 0) chmodSync(dataDir, 0o711)
}

/** One by one: Node's own `recursive` never ends below a folder like /proc, which says ENOENT to whoever makes one. */
function makeMissing(folder: string): void {
  if (existsSync(folder)) return
  makeMissing(dirname(folder))
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** True when a mart held it before and was killed. */
function take(file: string, self: MartFile): boolean {
  const candidate = `${file}.${self.pid}`
  write(candidate, self)
  try {
    for (let wasLeft = false; ; wasLeft = true) {
      if (linked(candidate, file)) return wasLeft
      const holder = read(file)
      if (holder && isAlive(holder))
        throw new MartFault(`A mart runs on this data folder already (process ${holder.pid}): stop it first.`)
      clearAway(file, holder, self)
    }
  } finally {
    rmSync(candidate, { force: true })
  }
}

/**
 * Removes what a dead mart has left. Only who holds the right to, which is named after the dead one, may: of two that
 * find it dead the slower one would remove what the faster one has taken since.
 */
function clearAway(file: string, dead: MartFile | undefined, self: MartFile): void {
  const right = `${file}.after-${dead ? `${dead.pid}-${dead.startMark}` : 'unreadable'}`
  take(right, self)
  try {
    if (isDeepStrictEqual(read(file), dead)) rmSync(file, { force: true })
  } finally {
    rmSync(right, { force: true })
  }
}

/** A link is made whole or not at all, so of two marts that start together one gets the folder. */
function linked(candidate: string, file: string): boolean {
  try {
    linkSync(candidate, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

const isAlive = ({ pid, startMark: mark }: MartFile) => mark !== undefined && startMark(pid) === mark

const write = (file: string, content: MartFile) => writeFileSync(file, JSON.stringify(content), { mode: 0o600 })

function read(file: string): MartFile | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as MartFile
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}
