import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { freshEmail, startUserService, type UserService } from './user-service.ts'

describe('rate limits', () => {
  let mart: UserService
  before(async () => {
    mart = await startUserService({ MART_RATE_LIMITS: 'on' })
  })
  after(() => mart.stop())

  test('who asks for one mail after the other is told to wait, whatever address he claims to have', async () => {
    const ask = (from: string) =>
      mart.http('POST', '/auth/request-password-reset', {
        body: { email: freshEmail() },
        headers: { 'x-forwarded-for': from, 'x-client-address': from },
      })
    const answers = []
    for (let at = 1; at <= 6; at += 1) answers.push(await ask(`10.0.0.${at}`))
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200, 200, 429],
    )
    assert.ok(Number(answers.at(-1)!.headers.get('retry-after')) > 0)
    assert.equal((await mart.http('GET', '/auth/get-session')).status, 200)
  })

  test('so is who has one new address after the other written to', async () => {
    const [{ session }, { email: newEmail }] = [await mart.signUp(), await mart.signUp()]
    const change = () => mart.http('POST', '/auth/change-email', { ...mart.withSession(session), body: { newEmail } })
    const answers = []
    for (let n = 1; n <= 6; n += 1) answers.push((await change()).status)
    assert.deepEqual(answers, [200, 200, 200, 200, 200, 429])
  })
})
