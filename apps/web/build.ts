// Builds the pages when what they are made of has changed: `node apps/web/build.ts`. Images of containers carry the result.
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'

const here = import.meta.dirname
const mark = join(here, 'build/made-of')
const sources = ['shop/**/*', 'ui/**/*', 'public/**/*', '*.{ts,json}', '../../packages/contracts/src/**/*.ts']

/** Whether the built pages are those of the sources that lie here. */
export const isBuilt = (): boolean => existsSync(mark) && readFileSync(mark, 'utf8') === digest()

function digest(): string {
  const hash = createHash('sha256')
  const files = globSync([...sources, '../../package-lock.json'], { cwd: here, withFileTypes: true })
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name))
  for (const path of paths.sort()) hash.update(relative(here, path)).update(readFileSync(path))
  return hash.digest('hex')
}

async function build(): Promise<void> {
  const { build } = await import('vite')
  const madeOf = digest()
  await build({ root: here, mode: 'browser' })
  await build({ root: here, mode: 'server', define: { BROWSER_FILES: browserFiles() } })
  const packed = globSync('build/client/**/*.{js,css,svg}', { cwd: here })
  await Promise.all(
    packed.map(async (file) => {
      const path = join(here, file)
      const text = await readFile(path)
      await writeFile(`${path}.gz`, await promisify(gzip)(text, { level: constants.Z_BEST_COMPRESSION }))
    }),
  )
  writeFileSync(mark, madeOf)
}

/** Their names bear what they hold. */
function browserFiles(): string {
  const manifest = JSON.parse(readFileSync(join(here, 'build/client/.vite/manifest.json'), 'utf8'))
  const { file, css } = manifest['shop/browser/index.ts'] as { file: string; css: string[] }
  return JSON.stringify({ script: `/${file}`, styles: css.map((one) => `/${one}`) })
}

if (import.meta.main && !isBuilt()) await build()
