/** The end-to-end stage: the built application in a real Chromium, where this machine has or can get one. */
import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'
import { buildIfStale } from './build.ts'
import { runPackage, runStep } from './run-step.ts'
import { systemChromium } from './system-chromium.ts'

/** Resolves to the exit status; a machine without a browser is told what was not run, and passes. */
export async function runEndToEnd(args: readonly string[] = []): Promise<number> {
  if (!(await hasBrowser())) {
    console.log(
      'NOT RUN: no end-to-end test, since there is no Chromium. Install one with `npx playwright install chromium`, or on Debian with `apt-get install chromium`.',
    )
    return 0
  }
  await buildIfStale()
  return runPackage('@playwright/test/cli.js', ['test', ...args])
}

async function hasBrowser(): Promise<boolean> {
  if (systemChromium() || existsSync(chromium.executablePath())) return true
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) return false
  console.log('Installing chromium ...')
  const quiet = { DEBIAN_FRONTEND: 'noninteractive' }
  await runStep('apt-get', ['update', '-qq'], quiet)
  const install = ['install', '-y', '-qq', '--no-install-recommends']
  for (const name of ['chromium-headless-shell', 'chromium'])
    if ((await runStep('apt-get', [...install, name], quiet)) === 0) break
  return systemChromium() !== undefined
}
