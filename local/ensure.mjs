// Runs on the host's own Node (20 or newer), before anything is installed: no imports from node_modules.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const installed = join(root, 'node_modules/.package-lock.json') // npm writes it last, so it is absent after a broken install
const lockfile = join(root, 'package-lock.json')

if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lockfile).mtimeMs) {
  console.log('Installing what the mart is made of (once, about a minute) …')
  // NODE_ENV=production would leave out the pinned Node itself, hence --include=dev
  const npm = spawnSync('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (npm.status !== 0) process.exit(npm.status ?? 1)
}

await import('../patches/apply.mjs')
