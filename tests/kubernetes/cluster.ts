import { execFile } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { findProgram, type Program } from '@mart/local/observability/programs'

const root = join(import.meta.dirname, '../..')
const MINUTE_MS = 60_000

/** A Kubernetes that is the test's alone. */
export interface Cluster {
  readonly kubectl: (...args: string[]) => Promise<string>
  readonly helm: (...args: string[]) => Promise<string>
  /** Runs a command on this machine with the cluster's KUBECONFIG. */
  readonly run: (command: string, args: readonly string[], settings?: NodeJS.ProcessEnv) => Promise<string>
  /** Copies images of this machine's Docker into the cluster. */
  readonly load: (images: readonly string[]) => Promise<void>
  readonly stop: () => Promise<void>
}

/** As `npm test` builds it where it is not on the PATH. */
export const helmProgram: Program = {
  name: 'helm',
  commands: ['helm'],
  version: 'v3.22.0',
  oldest: [3, 0],
  goPackage: 'helm.sh/helm/v3/cmd/helm',
}

/** Helm, when it is at hand: on the PATH, or built for this machine. */
export async function findHelm(): Promise<string | undefined> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'ai-mart/bin')
  const built = globSync('helm-*/helm', { cwd: cache }).map((found) => join(cache, found))[0]
  return onPath('helm') ?? built ?? (await findProgram(helmProgram))
}

/**
 * The script that makes a cluster. Called without a word it brings one up and prints KUBECONFIG=…; its other words are
 * `with ADD-ON…` (metrics-server, keda, netpol), `load IMAGE…` and `stop`.
 */
function findScript(): string | undefined {
  return process.env['MART_CLUSTER'] ?? onPath('k8s-up') ?? (onPath('kind') && join(import.meta.dirname, 'kind-up'))
}

/** Why there can be no cluster here; undefined when there can. */
export function whyNoCluster(): string | undefined {
  const missing = ['kubectl', 'docker'].filter((program) => !onPath(program))
  if (!findScript()) missing.push('kind, or a script that MART_CLUSTER names')
  return missing.length > 0 ? `no Kubernetes can be had here: ${missing.join(', ')} is not at hand` : undefined
}

/** Brings a cluster up with what the chart asks for. Rejects with what was said when that fails. */
export async function startCluster(): Promise<Cluster> {
  const script = findScript()!
  const told = /KUBECONFIG=(\S+)/.exec(await runIn(process.env, script, []))
  if (!told) throw new Error(`${script} names no KUBECONFIG`)
  const env = { ...process.env, KUBECONFIG: told[1]! }
  await runIn(env, script, ['with', 'metrics-server', 'keda', 'netpol'])
  if (!(await findHelm())) await runIn(env, script, ['with', 'helm'])
  const helm = await findHelm()
  if (!helm) throw new Error('helm is not at hand')
  return {
    kubectl: (...args) => runIn(env, 'kubectl', args),
    helm: (...args) => runIn(env, helm, args),
    run: (command, args, settings) => runIn({ ...env, ...settings }, command, args),
    load: async (images) => void (await runIn(env, script, ['load', ...images])),
    stop: async () => void (await runIn(env, script, ['stop'])),
  }
}

function onPath(program: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path))
}

function runIn(env: NodeJS.ProcessEnv, command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: root, env, maxBuffer: 64 * 1024 * 1024, timeout: 20 * MINUTE_MS }
    execFile(command, args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout.trim())
      const said = `${stdout.slice(-3000)}\n${stderr.slice(-3000)}`.trim()
      reject(new Error(`${command} ${args.join(' ').slice(0, 500)}: ${error.message.split('\n')[0]}\n${said}`))
    })
  })
}
