// A shell remembers where it found a program: what follows `ensure` in an npm script names the Node that `ensure` installed.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '@mart/service-kit/testing-folder'

const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  scripts: Record<string, string>
}

for (const [name, script] of Object.entries(scripts)) {
  test(`npm run ${name} goes on with the Node that was installed just before`, () => {
    const clone = temporaryFolder()
    const [host, installed] = [join(clone, 'host'), join(clone, 'node_modules/.bin')]
    mkdirSync(host)
    const install = `mkdir -p "${installed}"; for program in node biome; do printf '#!/bin/sh\\necho pinned' > "${installed}/$program"; chmod +x "${installed}/$program"; done`
    program(join(host, 'node'), `case "$1" in local/ensure.cjs) ${install};; *) echo "the host's own";; esac`)

    const path = [installed, host, process.env.PATH].join(delimiter)
    const ran = execFileSync('sh', ['-c', script], { cwd: clone, env: { PATH: path }, encoding: 'utf8' })
    assert.equal(ran.trim(), 'pinned')
  })
}

function program(path: string, body: string) {
  writeFileSync(path, `#!/bin/sh\n${body}\n`)
  chmodSync(path, 0o755)
}
