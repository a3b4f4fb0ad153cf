import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SigningKeyRevoked, UserErased, UserPasswordChanged, UserRoleChanged } from '@mart/contracts/events/user-events'
import { newId } from '@mart/service-kit/ids'
import { eventually, startTestService } from '@mart/service-kit/testing'
import { testKeyId } from '@mart/service-kit/testing-tokens'
import { inventory } from '../services/inventory/src/main.ts'
import { notification } from '../services/notification/src/main.ts'
import { order } from '../services/order/src/main.ts'
import { payment } from '../services/payment/src/main.ts'
import { product } from '../services/product/src/main.ts'

const services = {
  inventory: () => startTestService(inventory),
  notification: () => startTestService(notification),
  order: () => startTestService(order),
  payment: () => startTestService(payment),
  product: () => startTestService(product),
}

describe('staff whose right was taken back, and tokens whose key has leaked,', () => {
  for (const [name, start] of Object.entries(services)) {
    test(`are refused by ${name}`, async () => {
      const mart = await start()
      try {
        const ends = [
          (id: string, at: string) => mart.consume(UserErased, { user_id: id, erased_at: at }),
          (id: string, at: string) => mart.consume(UserPasswordChanged, { user_id: id, changed_at: at }),
          (id: string, at: string) =>
            mart.consume(UserRoleChanged, { user_id: id, was: 'staff', role: 'customer', changed_at: at }),
        ]
        for (const end of ends) {
          const as = { id: newId(), role: 'staff' as const, issuedAt: Date.now() / 1000 }
          const look = async () => (await mart.http('GET', '/parked', { as })).status
          assert.equal(await look(), 200)
          await end(as.id, new Date(Date.now() + 1).toISOString())
          await eventually(async () => (await look()) === 401, 'the token is refused')
          assert.equal((await mart.http('GET', '/parked', { as: { ...as, issuedAt: as.issuedAt + 5 } })).status, 200)
        }
        const token = await mart.tokenFor({ id: newId(), role: 'staff' })
        const look = async () =>
          (await mart.http('GET', '/parked', { headers: { authorization: `Bearer ${token}` } })).status
        assert.equal(await look(), 200)
        await mart.consume(SigningKeyRevoked, { key_id: testKeyId, revoked_at: new Date().toISOString() })
        await eventually(async () => (await look()) === 401, 'a token of a key that leaked is refused')
      } finally {
        await mart.stop()
      }
    })
  }
})
