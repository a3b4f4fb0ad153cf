import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logMembers } from '@mart/local/log-members'
import { consumedTopics } from '@mart/local/unconsumed'
import { inventory } from '../services/inventory/src/main.ts'
import { notification } from '../services/notification/src/main.ts'
import { order } from '../services/order/src/main.ts'
import { payment } from '../services/payment/src/main.ts'
import { product } from '../services/product/src/main.ts'
import { user } from '../services/user/src/main.ts'

test('the books wait for every topic that a service hears', () => {
  for (const { name, consumes } of [user, product, order, inventory, payment, notification]) {
    const { topics } = consumes({ config: {} } as never)
    assert.deepEqual([...consumedTopics[name as keyof typeof consumedTopics]].sort(), [...topics].sort(), name)
  }
})

test('the role of each service may say its own topic and hear what it hears with every setting, no more', () => {
  for (const { name, topic, consumes } of [user, product, order, inventory, payment, notification]) {
    const { topics } = consumes({ config: { STAFF_EMAIL: 'staff@example.com' } } as never)
    const { role, group, produces, consumes: may } = logMembers.find((member) => member.group === name)!
    assert.deepEqual([role, group, produces], [`mart_${name}`, name, [topic.name]])
    assert.deepEqual([...may].sort(), [...topics].sort(), name)
  }
})
