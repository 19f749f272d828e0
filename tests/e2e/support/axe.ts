import { expect, type Page } from '@playwright/test'
import axe from 'axe-core'

/** What axe finds on the page as it is now; colours are judged after every transition has ended. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  await page.evaluate(async () => {
    await Promise.allSettled(
      document
        .getAnimations()
        .filter(ends)
        .map(({ finished }) => finished),
    )
    function ends(animation: Animation) {
      return Number.isFinite(Number(animation.effect?.getComputedTiming().endTime))
    }
  })
  // Once a document: to read the half megabyte takes longer than to judge a page.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  const found = await page.evaluate(async () => {
    const { run } = (window as never as { axe: { run: typeof axe.run } }).axe
    const { violations } = await run(document, { resultTypes: ['violations'] })
    return violations.map(({ id, help, nodes }) => ({
      id,
      help,
      where: nodes.slice(0, 5).map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`),
    }))
  })
  expect(found, `axe on ${what}`).toEqual([])
}
