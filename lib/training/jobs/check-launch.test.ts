import { expect, test } from 'vitest'
import { misconfigured } from '#lib/errors/app-error.ts'
import type { Launcher } from '#lib/training/launchers/launcher.ts'
import { sampleJob } from '#tests/support/providers/sample-launch.ts'
import { checkLaunch } from './check-launch.ts'

/** A launch where results come to the deployment's own store, which this user has no key to. */
function check(results: 'ours' | 'own', environment: Record<string, string> = {}, detached = false) {
  const launcher = {
    provider: 'runpod',
    capabilities: { results, onThisMachine: true, canDetach: true },
    lacks: async () => null,
    trainers: async () => [],
    validate: async () => {},
  } as unknown as Launcher
  const services = {
    settings: { ARTIFACT_STORAGE_PROVIDER: 's3' },
    storageAccess: async () => ({}),
    stores: { unavailable: () => misconfigured('aws_not_configured', 'AWS not configured', '') },
  } as unknown as Parameters<typeof checkLaunch>[0]
  const request = { environment_variables: environment } as Parameters<typeof checkLaunch>[3]
  return checkLaunch(services, launcher, sampleJob('runpod', { detached }), request)
}

test("the deployment's store for results is tried before anything is rented, unless the result goes elsewhere", async () => {
  await expect(check('ours')).rejects.toMatchObject({ code: 'aws_not_configured' })
  await expect(check('ours', { HF_TOKEN: 'hf_x' })).rejects.toMatchObject({ code: 'aws_not_configured' })
  await expect(check('ours', { HF_REPO_ID: 'me/adapter', HF_TOKEN: 'hf_x' })).resolves.toBeUndefined()
  await expect(check('ours', {}, true)).resolves.toBeUndefined()
  await expect(check('own')).resolves.toBeUndefined()
})
