import type { Page } from '@playwright/test'

/** The loss as the job's page shows it now; waits until there is one. */
export async function latestLoss(page: Page): Promise<number> {
  const text = await page.getByRole('figure', { name: /^Loss/ }).locator('figcaption').innerText()
  return Number(/Training\s+([\d.]+)/.exec(text)?.[1])
}
