import { existsSync } from 'node:fs'

/**
 * Debian's Chromium, where it is installed: the build without windows first, which is the same engine and does the
 * same work in two thirds of the time.
 */
export function systemChromium(): string | undefined {
  return ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((path) => existsSync(path))
}
