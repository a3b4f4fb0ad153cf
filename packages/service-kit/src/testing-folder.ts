import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder that goes when the test's process ends, after everything that runs in it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mart-test-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
