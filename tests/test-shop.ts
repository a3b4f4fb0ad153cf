import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import sparticuz from '@sparticuz/chromium'

/** Builds the shop's pages when they are stale, and unpacks the browser: once, before several tests do it at the same moment. */
export async function prepareShop(files: readonly string[]): Promise<void> {
  const script = join(import.meta.dirname, '../apps/web/build.ts')
  const [code] = await once(spawn(process.execPath, [script], { stdio: 'inherit' }), 'exit')
  if (code !== 0) throw new Error('The shop’s pages could not be built.')
  if (files.some((path) => path.startsWith('tests/browser/'))) await sparticuz.executablePath()
}
