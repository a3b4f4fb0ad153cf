import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { temporaryFolder } from '@mart/service-kit/testing-folder'
import { kafkaPrograms } from '../src/kafka-programs.ts'

const given = { ...process.env }
let folder: string

function fakeProgram(path: string, script: string) {
  writeFileSync(join(folder, path), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}

const fakeJava = (version: string) => fakeProgram('bin/java', `echo 'openjdk version "${version}"' >&2`)
const putsJar = `for part; do case $part in -DoutputDirectory=*) echo x > "\${part#*=}/a.jar";; esac; done`
const cached = () => readdirSync(join(folder, 'cache/ai-mart'))

beforeEach(() => {
  folder = temporaryFolder()
  mkdirSync(join(folder, 'bin'))
  Object.assign(process.env, { JAVA_HOME: folder, PATH: join(folder, 'bin'), XDG_CACHE_HOME: join(folder, 'cache') })
  fakeJava('21.0.2')
})
afterEach(() => {
  Object.assign(process.env, given)
  if (given['JAVA_HOME'] === undefined) delete process.env['JAVA_HOME']
  if (given['XDG_CACHE_HOME'] === undefined) delete process.env['XDG_CACHE_HOME']
})

test('without Java, or with an old one, it is said what to install and how to do without', async () => {
  fakeJava('1.8.0_402')
  await assert.rejects(kafkaPrograms(), { name: 'MartFault', message: /needs Java 17 .* is Java 8: .*EVENT_LOG_URL/ })
  process.env['JAVA_HOME'] = join(folder, 'nowhere')
  await assert.rejects(kafkaPrograms(), { name: 'MartFault', message: /does not run \(ENOENT\): install it/ })
})

test('without Maven it is said that it is needed once', async () => {
  await assert.rejects(kafkaPrograms(), { name: 'MartFault', message: /"mvn" is not there: install Maven/ })
  assert.deepEqual(cached(), [])
})

test('a download that breaks leaves nothing that could be taken for whole, and the next one is used', async () => {
  fakeProgram('bin/mvn', `${putsJar}; echo '[ERROR] no route to the repository'; exit 1`)
  await assert.rejects(kafkaPrograms(), { name: 'MartFault', message: /no route to the repository/ })
  assert.deepEqual(cached(), [])

  fakeProgram('bin/mvn', putsJar)
  const { classPath } = await kafkaPrograms()
  assert.equal(classPath, join(folder, 'cache/ai-mart/kafka-4.2.0/*'))
  assert.deepEqual(cached(), ['kafka-4.2.0'])
})

test('the jars are fetched once, and two that fetch at the same time do each other no harm', async () => {
  fakeProgram('bin/mvn', `${putsJar}; /bin/sleep 0.2`)
  const lines: string[] = []
  const both = await Promise.all([kafkaPrograms((line) => lines.push(line)), kafkaPrograms()])
  assert.deepEqual(both[0], both[1])
  await kafkaPrograms((line) => lines.push(line))
  assert.equal(lines.length, 1)
  assert.deepEqual(cached(), ['kafka-4.2.0'])
})
