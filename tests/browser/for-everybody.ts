import assert from 'node:assert/strict'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { assertFits } from './shopping.ts'

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
/** It is no standard, but who jumps from part to part hears their names alone. */
const rules = { 'landmark-unique': { enabled: true } }
/** The rules among those that look at colours: the others find in the dark what they find in the light. */
const ofColours = ['color-contrast', 'link-in-text-block']

/** axe, which needs scripts, finds nothing, and the page fits the screen. */
export async function isForEverybody(page: Page): Promise<void> {
  await findsNothing(axeAt(page).options({ runOnly: { type: 'tag', values: standards }, rules }))
  await assertFits(page)
}

/** So it is by day and at night. */
export async function isForEverybodyDayAndNight(page: Page): Promise<void> {
  const colours = 'getComputedStyle(document.documentElement).backgroundColor'
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  const byDay = await page.evaluate(colours)
  await isForEverybody(page)
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
  assert.notEqual(await page.evaluate(colours), byDay, 'at night its colours are others')
  await findsNothing(axeAt(page).withRules(ofColours))
}

/** Who sent a form that was refused goes on here, at what is wrong: it is seen, and read out. */
export async function isLedTo(page: Page, selector: string, words = /\S/): Promise<void> {
  await page.waitForSelector(`${selector}:focus`)
  const { told, isSeen } = await page.evaluate<{ readonly told: string; readonly isSeen: boolean }>(`(() => {
    const at = document.activeElement
    const ids = at.getAttribute('aria-describedby')?.split(' ') ?? []
    const says = at.role === 'alert' ? [at] : ids.map((id) => document.getElementById(id))
    const { left, top, bottom } = at.getBoundingClientRect()
    const above = document.elementFromPoint(left + 5, (top + bottom) / 2)
    return { told: says.map((one) => one?.textContent).join(' '), isSeen: at.contains(above) }
  })()`)
  assert.match(told, words, selector)
  assert.ok(isSeen, `${selector} is out of sight`)
}

/** In the page itself, which has no frames of others: what axe does otherwise opens a second page each time. */
const axeAt = (page: Page) => new AxeBuilder({ page }).setLegacyMode()

async function findsNothing(axe: AxeBuilder): Promise<void> {
  const { violations } = await axe.analyze()
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    [],
  )
}
