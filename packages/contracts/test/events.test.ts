import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { allEvents } from '@mart/contracts/events/all-events'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'

const ajv = addFormats.default(new Ajv({ strict: false }))
const folder = new URL('../samples/', import.meta.url)
const samples = readdirSync(folder)

describe('events', () => {
  for (const event of allEvents) {
    test(`${event.type} has a sample of its present version`, () => {
      assert.ok(samples.includes(`${event.type}.v${event.version}.json`))
    })
  }

  for (const name of samples) {
    test(`${name}, as it was once sent, is still understood`, () => {
      const event = allEvents.find(({ type }) => name.startsWith(`${type}.v`))
      assert.ok(event, 'nobody defines this event any more')
      const sample: Record<string, unknown> = JSON.parse(readFileSync(new URL(name, folder), 'utf8'))
      const validate = ajv.compile(event.data)
      assert.ok(validate(sample), ajv.errorsText(validate.errors))
      assert.equal(typeof sample[event.key], 'string', 'its key is a field of its data')
      assert.ok(validate({ ...sample, field_of_tomorrow: 1 }), 'a field that is not known yet passes')
    })
  }

  test('no two events have one type, and each is said on the topic of its own speaker', () => {
    assert.equal(new Set(allEvents.map(({ type }) => type)).size, allEvents.length)
    for (const { topic } of allEvents)
      assert.equal(topic.name, `mart.${topic.producer}${topic.producer === 'inventory' ? '' : 's'}`)
  })
})
