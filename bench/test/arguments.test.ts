import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readArguments } from '../src/simulation/arguments.ts'

const faultsOf = (...args: string[]): string[] => {
  try {
    readArguments(args)
  } catch (error) {
    return (error as Error).message.split('\n\n')[0]!.split('\n')
  }
  return []
}

describe('npm run simulate', () => {
  test('understands what it is asked', () => {
    const { mode, scenario } = readArguments(
      '--orders 500 --rate 12.5 --replicas order=3,payment=2 --engine kafka --cores 8 --relays 2 --seed 9'.split(' '),
    )
    assert.equal(mode, 'play')
    assert.deepEqual([scenario.orders, scenario.rate, scenario.cores, scenario.seed], [500, 12.5, 8, 9])
    assert.deepEqual([scenario.replicas.order, scenario.replicas.payment, scenario.replicas.user], [3, 2, 1])
    assert.equal(readArguments([]).scenario.rate, null)
    assert.equal(readArguments(['--check', '--processes', 'one']).mode, 'check')
    assert.equal(readArguments(['--help']).mode, 'help')
  })

  test('names all that is wrong at once', () => {
    const args =
      '--orders 0 --rate x --replicas order=0,shop=2,payment --cores 1.5 --engine rabbit --seed= extra --wat --measure=yes'
    assert.deepEqual(faultsOf(...args.split(' ')), [
      'extra: is no option',
      '--wat: is no option',
      '--measure: takes no value',
      '--orders 0: a whole number from 1 to 300000',
      '--rate x: a number from 0.1 to 100000',
      '--engine rabbit: embedded or kafka',
      '--replicas order=0: <service>=<1 to 999>, of user, product, order, inventory, payment, notification',
      '--replicas shop=2: <service>=<1 to 999>, of user, product, order, inventory, payment, notification',
      '--replicas payment: <service>=<1 to 999>, of user, product, order, inventory, payment, notification',
      '--cores 1.5: a whole number from 1 to 10000',
      '--seed : a whole number from 0 to 4294967295',
    ])
  })

  test('refuses what would not fit together, and what would never end', () => {
    assert.match(faultsOf('--check', '--measure').join(), /one of them/)
    assert.match(faultsOf('--rate', '5', '--connections', '3').join(), /or as fast as/)
    assert.match(faultsOf('--orders', '300000', '--rate', '1').join(), /at most an hour/)
    assert.match(faultsOf('--processes', 'one', '--replicas', 'order=2').join(), /there is one process/)
    assert.match(faultsOf('--relays', '2').join(), /stand in one line/)
    assert.match(faultsOf('--orders').join(), /has no value/)
  })
})
