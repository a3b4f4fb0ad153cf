import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { after, before, beforeEach, test } from 'node:test'
import { createTransport } from 'nodemailer'
import { type MailCatcher, startMailCatcher } from '../src/mail/catcher.ts'
import type { CaughtMail } from '../src/mail/caught-mail.ts'

let catcher: MailCatcher
interface List {
  readonly total: number
  readonly messages_count: number
  readonly start: number
  readonly messages: (CaughtMail & { Snippet: string })[]
}
const get = async <Answer = List>(path: string) => (await (await fetch(catcher.url + path)).json()) as Answer
const getPage = async (path: string) => (await fetch(catcher.url + path)).text()

before(async () => {
  const here = { port: 0, host: '127.0.0.1' }
  catcher = await startMailCatcher({ smtp: here, http: here })
})
after(() => catcher.stop())
beforeEach(() => fetch(`${catcher.url}/api/v1/messages`, { method: 'DELETE' }))

async function send(mails: readonly object[]) {
  const transport = createTransport(catcher.smtpUrl, { from: 'AI Mart <shop@mart.example>' })
  for (const mail of mails) await transport.sendMail(mail)
  transport.close()
}

test('a mail sent by SMTP is there in full', async () => {
  const mail = {
    to: 'Ayesha Khan <ayesha@mart.example>',
    bcc: 'audit@mart.example',
    subject: 'آپ کا آرڈر M-100023',
    text: 'Rs 899 — thank you',
    html: '<p>Rs 899 — <b>thank you</b></p>',
    messageId: '<confirmed-1@mart.example>',
    attachments: [{ filename: 'bill.txt', content: 'one tea' }],
  }
  await send([mail])
  const list = await get('/api/v1/messages')
  assert.deepEqual([list.total, list.messages_count, list.start], [1, 1, 0])
  const summary = list.messages[0]!
  assert.equal(summary.Snippet, 'Rs 899 — thank you')
  assert.equal(summary.Attachments, 1)
  const { ID, Date: date, Created, Size, ...whole } = await get<CaughtMail>(`/api/v1/message/${summary.ID}`)
  assert.equal(ID, summary.ID)
  assert.ok(Size > 300 && !Number.isNaN(Date.parse(date)) && !Number.isNaN(Date.parse(Created)))
  assert.deepEqual(whole, {
    MessageID: 'confirmed-1@mart.example',
    From: { Name: 'AI Mart', Address: 'shop@mart.example' },
    To: [{ Name: 'Ayesha Khan', Address: 'ayesha@mart.example' }],
    Cc: [],
    Bcc: [{ Name: '', Address: 'audit@mart.example' }],
    ReplyTo: [],
    Subject: mail.subject,
    Text: 'Rs 899 — thank you',
    HTML: mail.html,
    Attachments: [{ FileName: 'bill.txt', ContentType: 'text/plain', Size: 7 }],
  })
  assert.equal((await fetch(`${catcher.url}/api/v1/message/unheard-of`)).status, 404)
})

test('the newest come first, page by page, and the search takes to:, subject: and plain words', async () => {
  await send([
    { to: 'a@mart.example', subject: 'Order received', text: 'tea' },
    { to: 'B <b@mart.example>', subject: 'Order confirmed', text: 'rice' },
    { to: 'a@mart.example', subject: 'Order confirmed', text: 'salt' },
  ])
  const subjects = async (path: string) =>
    (await get(path)).messages.map((mail) => `${mail.To[0]?.Address} ${mail.Subject} ${mail.Snippet}`)
  assert.deepEqual(await subjects('/api/v1/messages?limit=1&start=1'), ['b@mart.example Order confirmed rice'])
  const search = (query: string) => subjects(`/api/v1/search?query=${encodeURIComponent(query)}`)
  assert.deepEqual(await search('to:A@mart.example'), [
    'a@mart.example Order confirmed salt',
    'a@mart.example Order received tea',
  ])
  assert.deepEqual(await search('to:a@mart.example subject:"order confirmed"'), ['a@mart.example Order confirmed salt'])
  assert.deepEqual(await search('order -subject:confirmed'), ['a@mart.example Order received tea'])
  assert.deepEqual(await search('RICE'), ['b@mart.example Order confirmed rice'])
  assert.deepEqual(await search('to:nobody@mart.example'), [])
})

test('a page of a stranger can neither read the mails nor delete them', async () => {
  await send([{ to: 'a@mart.example', subject: 'A link that signs in', text: 'x' }])
  const { port } = new URL(catcher.url)
  const status = async (path: string, method: string, headers: Record<string, string>) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers }).end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    answer.resume()
    return answer.statusCode
  }
  for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example', 'localhost.evil.example'])
    for (const path of ['/', '/api/v1/messages', '/api/v1/message/latest'])
      assert.equal(await status(path, 'GET', { host }), 403, host)
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])
    assert.equal(await status('/', 'GET', { host }), 200, host)
  const host = `127.0.0.1:${port}`
  for (const origin of ['http://evil.example', 'null', `http://localhost:${port}`, 'http://127.0.0.1'])
    assert.equal(await status('/api/v1/messages', 'DELETE', { host, origin }), 403, origin)
  assert.equal((await get('/api/v1/messages')).total, 1)
  assert.equal(await status('/api/v1/messages', 'DELETE', { host, origin: `http://${host}` }), 200)
})

test('mails can be deleted one by one or all', async () => {
  await send([
    { to: 'a@mart.example', subject: 'one' },
    { to: 'a@mart.example', subject: 'two' },
  ])
  const two = (await get('/api/v1/messages')).messages[0]!
  await fetch(`${catcher.url}/api/v1/messages`, {
    method: 'DELETE',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ IDs: [two.ID] }),
  })
  assert.deepEqual(
    (await get('/api/v1/messages')).messages.map((mail) => mail.Subject),
    ['one'],
  )
  await fetch(`${catcher.url}/api/v1/messages`, { method: 'DELETE' })
  assert.equal((await get('/api/v1/messages')).total, 0)
})

test('the pages show mails without running anything of theirs', async () => {
  const evil = '<script>alert(1)</script>'
  await send([{ to: 'a@mart.example', subject: evil, text: evil, html: `<p title="x">hello</p>${evil}` }])
  const list = await getPage('/')
  assert.match(list, /http-equiv="refresh"/)
  assert.ok(!list.includes(evil) && list.includes('&lt;script&gt;alert(1)'))
  const { ID } = (await get('/api/v1/messages')).messages[0]!
  const answer = await fetch(`${catcher.url}/view/${ID}`)
  const view = await answer.text()
  assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'none'/)
  assert.match(view, /<iframe [^>]*sandbox="allow-popups allow-popups-to-escape-sandbox"/)
  assert.ok(!view.includes(evil) && view.includes('&lt;p title=&quot;x&quot;&gt;hello'))
})

test('only the newest thousand are kept', async () => {
  const transport = createTransport(`${catcher.smtpUrl}?pool=true&maxMessages=2000`)
  await Promise.all(
    Array.from({ length: 1_005 }, (_, n) =>
      transport.sendMail({ from: 'shop@mart.example', to: 'a@mart.example', subject: `number ${n}` }),
    ),
  )
  transport.close()
  assert.equal((await get('/api/v1/messages')).total, 1_000)
  assert.equal((await get('/api/v1/messages?limit=2000')).messages.length, 1_000)
})
