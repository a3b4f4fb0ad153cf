import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dayIn } from '../src/cash/shop-day.ts'

const hours = (zone: string, date: string) => {
  const { from, to } = dayIn(zone, date)
  return [from.toISOString(), (to.getTime() - from.getTime()) / 3_600_000]
}

test('a day begins where the shop is, by whatever name its zone is known', () => {
  for (const zone of ['Asia/Karachi', 'asia/karachi', '+05:00', 'Etc/GMT-5']) {
    assert.deepEqual(hours(zone, '2026-11-22'), ['2026-11-21T19:00:00.000Z', 24], zone)
  }
  for (const zone of ['Asia/Kolkata', 'Asia/Calcutta', '+05:30']) {
    assert.deepEqual(hours(zone, '2026-11-22'), ['2026-11-21T18:30:00.000Z', 24], zone)
  }
  for (const zone of ['UTC', 'Etc/UTC', 'GMT', 'Etc/Zulu', '-00:00', '+00:00']) {
    assert.deepEqual(hours(zone, '2026-11-22'), ['2026-11-22T00:00:00.000Z', 24], zone)
  }
  assert.deepEqual(hours('Asia/Kathmandu', '2026-11-22'), ['2026-11-21T18:15:00.000Z', 24])
  assert.deepEqual(hours('Pacific/Kiritimati', '2026-11-22'), ['2026-11-21T10:00:00.000Z', 24])
  assert.deepEqual(hours('Etc/GMT+12', '2026-11-22'), ['2026-11-22T12:00:00.000Z', 24])
})

test('a day with a change of clocks has its own length', () => {
  for (const zone of ['Europe/Kyiv', 'Europe/Kiev']) {
    assert.deepEqual(hours(zone, '2026-03-29'), ['2026-03-28T22:00:00.000Z', 23], zone)
    assert.deepEqual(hours(zone, '2026-10-25'), ['2026-10-24T21:00:00.000Z', 25], zone)
  }
})

test('where clocks leap over midnight a day begins after it, and a day that was left out is empty', () => {
  assert.deepEqual(hours('Asia/Beirut', '2026-03-29'), ['2026-03-28T22:00:00.000Z', 23])
  assert.deepEqual(hours('Pacific/Apia', '2011-12-30'), ['2011-12-30T10:00:00.000Z', 0])
})

test('days follow each other without a gap, for every zone, over two years', () => {
  for (const zone of ['Asia/Karachi', 'Europe/Kyiv', 'America/St_Johns', 'Australia/Lord_Howe', 'Africa/Casablanca']) {
    let date = '2025-01-01'
    while (date < '2027-01-01') {
      const next = new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10)
      assert.deepEqual(dayIn(zone, date).to, dayIn(zone, next).from, `${zone} ${date}`)
      date = next
    }
  }
})

test('the first and the last day that a request may name have a beginning', () => {
  assert.deepEqual(hours('Asia/Karachi', '2999-12-31'), ['2999-12-30T19:00:00.000Z', 24])
  assert.equal(dayIn('Pacific/Kiritimati', '1970-01-01').from.toISOString().slice(0, 10), '1970-01-01')
})
