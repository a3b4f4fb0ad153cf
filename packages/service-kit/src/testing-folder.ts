import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folders: string[] = []

process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A folder that goes when the test's process ends, after everything that runs in it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mart-test-'))
  folders.push(folder)
  return folder
}
