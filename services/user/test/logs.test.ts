import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { createTestDatabase, createTestLog, eventually } from '@mart/service-kit/testing'
import { linkIn, startMailServer } from './mail-server.ts'

test('as a process it stops in order, and its log names no person and no secret', async () => {
  const [database, eventLog, mails] = await Promise.all([createTestDatabase(), createTestLog(), startMailServer()])
  const child = spawn(process.execPath, [new URL('../src/main.ts', import.meta.url).pathname], {
    env: {
      PORT: '0',
      DATABASE_URL: database.url,
      EVENT_LOG_URL: eventLog.url,
      AUTH_SECRET: 'sixteen-and-sixteen-more-characters',
      SMTP_URL: mails.url,
      MART_ADMIN_EMAIL: 'boss@secret.test',
      MART_ADMIN_PASSWORD: 'secret-password',
      MART_RATE_LIMITS: 'off',
      LOG_LEVEL: 'trace',
    },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const exited = once(child, 'exit')
  try {
    await eventually(async () => output.includes('"message":"ready"'), 'the process is ready', 90_000)
    const url = /"url":"(http:[^"]+)"/.exec(output)![1]!
    const post = async (path: string, body: unknown) => {
      const headers = { 'content-type': 'application/json' }
      return await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    }
    const email = 'ayesha@secret.test'
    const person = { email, password: 'secret-password', name: 'Secret Name' }
    const [first] = await Promise.all([1, 2].map(() => post('/auth/sign-up/email', person)))
    await post('/auth/sign-up/email', { ...person, password: 'secret-guess' })
    await post('/auth/sign-in/email', { email, password: 'secret-word' })
    const [proof] = await mails.mailsTo(email)
    await fetch(`${url}/auth/verify-email${linkIn(proof!.text).search}`, { redirect: 'manual' })
    await post('/auth/request-password-reset', { email })
    await post('/auth/request-password-reset', { email: 'nobody@secret.test' })
    const links = (await mails.mailsTo(email, 2)).map(({ text }) => /token=([^&\s]+)/.exec(text)![1]!)
    for (const token of links) {
      await fetch(`${url}/auth/verify-email?token=${token}`)
      await post('/auth/reset-password', { token, newPassword: 'short' })
    }
    for (const word of ['secret', 'Secret', email, ...links]) assert.ok(!output.includes(word), `${word}: ${output}`)
    assert.ok(first!.status === 200 || first!.status === 422)
    assert.ok(output.includes('"status":422'))
  } finally {
    child.kill('SIGTERM')
    const [code] = await exited
    await Promise.all([mails.stop(), eventLog.drop(), database.drop()])
    assert.equal(code, 0)
  }
})
