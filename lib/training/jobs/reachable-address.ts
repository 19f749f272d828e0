import type { Settings } from '#lib/config/settings.ts'
import { factOfEach } from '#lib/training/launchers/all-facts.types.ts'

const addressSettings = Object.values(factOfEach('address')).flatMap((address) => address?.setting ?? [])

type Addresses = Pick<Settings, 'APP_BASE_URL' | (typeof addressSettings)[number]>

/**
 * Whether a rented machine can be expected to reach us. A loopback address is reached from this machine alone, so it
 * counts only where a provider's API is there as well: a test server, which runs its machines here.
 */
export function isReachable(settings: Addresses): boolean {
  const { APP_BASE_URL: base } = settings
  if (!base) return false
  if (!isLoopback(base)) return true
  return addressSettings.some((setting) => {
    const url = settings[setting]
    return url && isLoopback(url)
  })
}

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url)
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\]|0\.0\.0\.0)$/.test(hostname)
}
