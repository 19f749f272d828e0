import type { Settings } from '#lib/config/settings.ts'

type Addresses = Pick<
  Settings,
  'APP_BASE_URL' | 'RUNPOD_API_URL' | 'LAMBDA_API_URL' | 'SAGEMAKER_ENDPOINT' | 'HF_ENDPOINT'
>

/**
 * Whether a rented machine can be expected to reach us. A loopback address is reached from this machine alone, so it
 * counts only where a provider's API is there as well: a test server, which runs its machines here.
 */
export function isReachable(settings: Addresses): boolean {
  const { APP_BASE_URL: base } = settings
  if (!base) return false
  if (!isLoopback(base)) return true
  return [
    settings.RUNPOD_API_URL,
    settings.LAMBDA_API_URL,
    settings.SAGEMAKER_ENDPOINT,
    settings.HF_ENDPOINT,
  ].some((url) => url && isLoopback(url))
}

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url)
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\]|0\.0\.0\.0)$/.test(hostname)
}
