import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type Page } from '@playwright/test'

const folder = join(import.meta.dirname, '../../../screenshots')
const wanted = Boolean(process.env.KEEP_PICTURES)

/**
 * A picture of the page as it is now, in both themes, for people to look at: `screenshots/<name>-<theme>.png`.
 * Taken by `npm run pictures` only: to draw them all is minutes of work, and a test that draws proves no more.
 */
export async function keepPictures(page: Page, name: string): Promise<void> {
  if (!wanted) return
  await mkdir(folder, { recursive: true })
  // What sticks to the window would else stand in the middle of a picture of the whole page.
  await page.evaluate(() => window.scrollTo(0, 0))
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`), fullPage: true })
  }
  await page.emulateMedia({ colorScheme: 'light' })
}

const widths = { phone: 375, wide: 1600 } as const

/** At the width of a phone and of a large screen the page may not scroll sideways; pictures of both. */
export async function atWidths(page: Page, name: string): Promise<void> {
  for (const [word, width] of Object.entries(widths)) {
    await page.setViewportSize({ width, height: 800 })
    await keepPictures(page, `${name}-${word}`)
    const content = await page.evaluate(() => document.documentElement.scrollWidth)
    expect(content, `${name} at ${width} px scrolls sideways`).toBeLessThanOrEqual(width)
  }
  await page.setViewportSize({ width: 1280, height: 800 })
}
