import { expect, type Page } from '@playwright/test'
import axe from 'axe-core'

/** What axe finds on the page as it is now; colours are judged after every transition has ended. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  await page.evaluate(async () => {
    // What opens begins to move a frame later, and one movement may begin another.
    while (true) {
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))
      const moving = document.getAnimations().filter(moves)
      if (moving.length === 0) break
      await Promise.allSettled(moving.map(({ finished }) => finished))
    }
    function moves({ playState, effect }: Animation) {
      return playState === 'running' && Number.isFinite(Number(effect?.getComputedTiming().endTime))
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
