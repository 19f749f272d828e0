import { createAllLaunchers, type LauncherNeeds } from '#lib/training/launchers/all-launchers.ts'
import type { Launchers } from '#lib/training/launchers/launcher.ts'

/**
 * The launchers as they are, only that they look again at once and keep no pace: for doubles on this machine.
 * `patienceSeconds` bounds the wait for an answer, so that a request that nobody answers is over in time for a test.
 */
export function quickLaunchers(needs: LauncherNeeds, patienceSeconds?: number): Launchers {
  const hasty: typeof fetch = (input, init) => {
    const signals = [init?.signal, AbortSignal.timeout(patienceSeconds! * 1000)].filter((signal) => !!signal)
    return fetch(input, { ...init, signal: AbortSignal.any(signals) })
  }
  return createAllLaunchers(needs, {
    pollSeconds: 0.05,
    pace: { secondsPerRequest: 0, secondsPerLaunch: 0 },
    ...(patienceSeconds ? { fetch: hasty } : {}),
  })
}
