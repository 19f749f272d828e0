import { expect, type Page } from '@playwright/test'

export interface ConsoleWatch {
  /** This much is meant to be said: a refused request, for one, is always logged by the browser. */
  allow(pattern: RegExp): void
  verify(): void
}

/** Errors, warnings, exceptions and policy violations that a page says; the browser's own remarks are left out. */
export function watchConsole(page: Page): ConsoleWatch {
  const said: string[] = []
  const allowed: RegExp[] = []
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return
    said.push(`${message.type()}: ${message.text()} (${message.location().url})`)
  })
  page.on('pageerror', (error) => said.push(`exception: ${error.stack ?? error.message}`))
  return {
    allow: (pattern) => allowed.push(pattern),
    verify() {
      const unexpected = said.filter((line) => !allowed.some((pattern) => pattern.test(line)))
      expect(unexpected, 'the console of the page').toEqual([])
    },
  }
}
