import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fitTwo } from '../src/measuring/fit.ts'

describe('costs from what was measured', () => {
  test('are found again: a step and an event of two loads', () => {
    const points = [8, 3, 1.5].map((steps) => ({ x1: steps, x2: 1, y: 0.25 * steps + 0.7 }))
    const { a, b } = fitTwo(points)
    assert.ok(Math.abs(a - 0.25) < 1e-9 && Math.abs(b - 0.7) < 1e-9, `${a}, ${b}`)
  })

  test('are never below nothing: what one part cannot explain is the other’s', () => {
    const dearerTogether = [8, 3, 1.5].map((steps) => ({ x1: steps, x2: 1, y: 1 / steps }))
    assert.equal(fitTwo(dearerTogether).a, 0)
    assert.ok(fitTwo(dearerTogether).b > 0)
    const onlySteps = [8, 3, 1.5].map((steps) => ({ x1: steps, x2: 1, y: steps ** 1.2 }))
    assert.deepEqual(fitTwo(onlySteps).b, 0)
  })

  test('are nothing where nothing was spent', () => {
    assert.deepEqual(fitTwo([1, 2].map((x1) => ({ x1, x2: 1, y: 0 }))), { a: 0, b: 0 })
  })
})
