import {
  createAllLaunchers,
  type LauncherNeeds,
  providerUnavailable,
} from '#lib/training/launchers/all-launchers.ts'
import { createHuggingFaceLauncher } from '#lib/training/launchers/huggingface/launcher.ts'
import { createLambdaLauncher } from '#lib/training/launchers/lambda/launcher.ts'
import { createLaunchers, type Launchers } from '#lib/training/launchers/launcher.ts'
import { createRunPodLauncher } from '#lib/training/launchers/runpod/launcher.ts'
import { createSageMakerLauncher } from '#lib/training/launchers/sagemaker/launcher.ts'

const pollSeconds = 0.05

/**
 * The launchers as they are, only that they look again at once and keep no pace: for doubles on this machine.
 * `patienceSeconds` bounds the wait for an answer, so that a request that nobody answers is over in time for a test.
 */
export function quickLaunchers(needs: LauncherNeeds, patienceSeconds?: number): Launchers {
  const { settings, deploymentId, secrets, openBucket, takeTurn } = needs
  const secretOf = (provider: 'runpod' | 'lambda' | 'huggingface' | 'aws') => (userId: string) =>
    secrets.open(userId, provider)
  const hasty: typeof fetch = (input, init) => {
    const signals = [init?.signal, AbortSignal.timeout(patienceSeconds! * 1000)].filter((signal) => !!signal)
    return fetch(input, { ...init, signal: AbortSignal.any(signals) })
  }
  const common = { deploymentId, pollSeconds, fetch: patienceSeconds ? hasty : fetch }
  const quick = [
    createRunPodLauncher({
      ...common,
      secretOf: secretOf('runpod'),
      ...(settings.RUNPOD_API_URL ? { apiUrl: settings.RUNPOD_API_URL } : {}),
    }),
    createLambdaLauncher({
      ...common,
      secretOf: secretOf('lambda'),
      ...(settings.LAMBDA_API_URL ? { apiUrl: settings.LAMBDA_API_URL } : {}),
      takeTurn,
      pace: { secondsPerRequest: 0, secondsPerLaunch: 0 },
    }),
    createHuggingFaceLauncher({
      ...common,
      secretOf: secretOf('huggingface'),
      ...(settings.HF_ENDPOINT ? { endpoint: settings.HF_ENDPOINT } : {}),
    }),
    createSageMakerLauncher({
      deploymentId,
      secretOf: secretOf('aws'),
      openBucket,
      endpoint: settings.SAGEMAKER_ENDPOINT ?? null,
      pollMilliseconds: pollSeconds * 1000,
    }),
  ]
  const others = createAllLaunchers(needs).all.filter(
    ({ provider }) => !quick.some((launcher) => launcher.provider === provider),
  )
  return createLaunchers([...quick, ...others], providerUnavailable)
}
