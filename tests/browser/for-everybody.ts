import assert from 'node:assert/strict'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { assertFits } from './shopping.ts'

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
/** The rules among those that look at colours: the others find in the dark what they find in the light. */
const ofColours = ['color-contrast', 'link-in-text-block']

/** axe, which needs scripts, finds nothing, and the page fits the screen. */
export async function isForEverybody(page: Page): Promise<void> {
  await findsNothing(axeAt(page).withTags(standards))
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

/** In the page itself, which has no frames of others: what axe does otherwise opens a second page each time. */
const axeAt = (page: Page) => new AxeBuilder({ page }).setLegacyMode()

async function findsNothing(axe: AxeBuilder): Promise<void> {
  const { violations } = await axe.analyze()
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    [],
  )
}
