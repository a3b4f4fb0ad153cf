import assert from 'node:assert/strict'
import { type ExecFileException, execFile } from 'node:child_process'
import { basename } from 'node:path'
import { test } from 'node:test'
import { vmalertTool } from '@mart/local/observability/backends'
import { findProgram } from '@mart/local/observability/programs'
import { ruleTestFiles } from './rules.ts'

/** What it said when it failed, or nothing; undefined where there is no such program. */
const faultOf = (program: string, ...args: string[]): Promise<string | undefined> =>
  new Promise((resolve) => {
    execFile(program, args, (error: ExecFileException | null, said, saidOfErrors) => {
      if (error?.code === 'ENOENT') resolve(undefined)
      else resolve(error ? said + saidOfErrors : '')
    })
  })

for (const file of ruleTestFiles()) {
  test(`alerts fire when they should, and only then: ${basename(file)}`, async () => {
    const tool = await findProgram(vmalertTool)
    assert.ok(tool, 'tests/run.ts builds vmalert-tool')
    assert.equal(await faultOf(tool, 'unittest', '-disableAlertgroupLabel', `-files=${file}`), '')
    // Prometheus itself reads the same rules on Kubernetes.
    assert.equal((await faultOf('promtool', 'test', 'rules', file)) ?? '', '')
  })
}
