import assert from 'node:assert/strict'
import { test } from 'node:test'
import { heardTopics } from '@mart/local/books/unheard'
import { inventory } from '../services/inventory/src/main.ts'
import { notification } from '../services/notification/src/main.ts'
import { order } from '../services/order/src/main.ts'
import { payment } from '../services/payment/src/main.ts'
import { product } from '../services/product/src/main.ts'
import { user } from '../services/user/src/main.ts'

test('the books wait for every topic that a service hears', () => {
  for (const { name, hears } of [user, product, order, inventory, payment, notification]) {
    const { topics } = hears({ config: {} } as never)
    assert.deepEqual([...heardTopics[name as keyof typeof heardTopics]].sort(), [...topics].sort(), name)
  }
})
