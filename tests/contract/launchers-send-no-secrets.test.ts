import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from 'vitest'
import { createMemoryStorageService } from '#lib/storage/memory-storage-service.ts'
import type { StorageService } from '#lib/storage/storage-service.ts'
import { createHuggingFaceLauncher } from '#lib/training/launchers/huggingface/launcher.ts'
import { createLambdaLauncher } from '#lib/training/launchers/lambda/launcher.ts'
import type { Launcher, RunnerAccess } from '#lib/training/launchers/launcher.ts'
import { createRunPodLauncher } from '#lib/training/launchers/runpod/launcher.ts'
import { createSageMakerLauncher } from '#lib/training/launchers/sagemaker/launcher.ts'
import { startHubDouble } from '#tests/support/providers/huggingface/start-hub-double.ts'
import { startLambdaDouble } from '#tests/support/providers/lambda/start-lambda-double.ts'
import { aLaunch, anAccess, aSecret } from '#tests/support/providers/launch-request.ts'
import { leaksIn } from '#tests/support/providers/leaks.ts'
import type { ProviderDouble, SeenRequest } from '#tests/support/providers/provider-server.ts'
import { startRunPodDouble } from '#tests/support/providers/runpod/start-runpod-double.ts'
import { startSageMakerDouble } from '#tests/support/providers/sagemaker/start-sagemaker-double.ts'
import { sampleLaunch } from '#tests/support/providers/sample-launch.ts'

/** What this process knows and no machine may learn; the doubles' keys come on top. */
const ours = {
  SUPABASE_SERVICE_ROLE_KEY: 'service-role-key-of-the-deployment',
  SECRETS_KEY: 'c2VjcmV0cy1rZXktb2YtdGhlLWRlcGxveW1lbnQ=',
  OWNER_TOKEN: 'owner-token-of-the-deployment',
  AWS_SECRET_ACCESS_KEY: 'aws-secret-of-the-process',
  DATABASE_URL: 'postgres://user:database-password@db/lab',
}
const metadataSecret = 'a-secret-in-the-metadata'

interface Provider {
  double: ProviderDouble
  key: string
  launcher: Launcher
  options?: Record<string, unknown>
  /** What it puts into a store for its machine to read. */
  puts?: SeenRequest[]
}

const deploymentId = crypto.randomUUID()
const metadata = {
  lambda: { ssh_key_name: 'finetunelab' },
  huggingface: { username: 'ada' },
  aws: { secret_access_key: metadataSecret, region: 'us-east-1', s3_bucket: 'bucket' },
}

const providers: Record<string, () => Promise<Provider>> = {
  async runpod() {
    const double = await startRunPodDouble()
    const secretOf = aSecret(double.apiKey, metadata)
    const launcher = createRunPodLauncher({ deploymentId, secretOf, apiUrl: double.url, pollSeconds: 0.02 })
    return { double, key: double.apiKey, launcher }
  },
  async lambda() {
    const double = await startLambdaDouble({ pace: { secondsPerRequest: 0, secondsPerLaunch: 0 } })
    const secretOf = aSecret(double.apiKey, metadata)
    const takeTurn = async () => {}
    const launcher = createLambdaLauncher({
      deploymentId,
      secretOf,
      takeTurn,
      apiUrl: double.url,
      pollSeconds: 0.02,
    })
    return { double, key: double.apiKey, launcher }
  },
  async huggingface() {
    const double = await startHubDouble()
    const secretOf = aSecret(double.token, metadata)
    const launcher = createHuggingFaceLauncher({
      deploymentId,
      secretOf,
      apiUrl: double.url,
      pollSeconds: 0.02,
    })
    return { double, key: double.token, launcher }
  },
  async sagemaker() {
    const double = await startSageMakerDouble()
    const puts: SeenRequest[] = []
    const bucket = recordingPuts(createMemoryStorageService(), puts)
    const launcher = createSageMakerLauncher({
      deploymentId,
      secretOf: aSecret(double.accessKeyId, {
        ...metadata,
        aws: { ...metadata.aws, iam_role_arn: 'arn:aws:iam::123456789012:role/finetunelab' },
      }),
      openBucket: async () => bucket,
      apiUrl: double.url,
      pollSeconds: 0.02,
    })
    const options = { instance_type: 'ml.g5.xlarge' }
    return { double, key: double.accessKeyId, launcher, options, puts }
  },
}

let close: () => Promise<void>
afterEach(() => close())

describe.each(Object.keys(providers))('everything that the %s launcher sends', (name) => {
  test('is free of keys, service keys and user tokens, but for its own Authorization header', async () => {
    for (const [variable, value] of Object.entries(ours)) process.env[variable] = value
    try {
      const { double, key, launcher, options, puts } = await providers[name]!()
      close = double.close
      for (const access of accesses(launcher)) {
        const plain = aLaunch({ provider: launcher.provider, environment: { WANDB_MODE: 'offline' } })
        const { datasets } = sampleLaunch(launcher.provider)
        const request = { ...plain, datasets, ...(options ? { options } : {}) }
        await launcher.offers(request.job.user_id)
        await launcher.validate(request)
        const { providerRef } = await launcher.launch(request, access)
        const job = { ...request.job, provider_ref: providerRef }
        await launcher.inspect(job)
        await launcher.logs(job, null)
        await launcher.listOurs(job.user_id)
        await launcher.cancel(job)
      }
      expect(double.seen.length).toBeGreaterThan(8)
      // The runner and what tells it what to do, at least.
      if (puts) expect(puts.length).toBeGreaterThanOrEqual(2)
      const sent = [...double.seen, ...(puts ?? [])]
      const secrets = [metadataSecret, ...Object.values(ours)]
      expect(leaksIn(sent, { key: { api_key: key }, secrets })).toEqual([])
      // What is looked for is found where it is: the key, in the body of every request.
      const misplaced = sent.map((request) => ({ ...request, text: `${request.text}${key}` }))
      expect(leaksIn(misplaced, { key: { api_key: key }, secrets })).toHaveLength(misplaced.length)
    } finally {
      for (const variable of Object.keys(ours)) delete process.env[variable]
    }
  })
})

/** Keeps what is put, with all that is said of it, as the request that a store would see. */
function recordingPuts(bucket: StorageService, puts: SeenRequest[]): StorageService {
  return {
    ...bucket,
    async put(key, source, options) {
      const body = await buffer(source)
      const headers = { ...options?.metadata, 'content-type': options?.contentType ?? '' }
      const text = body.toString('latin1')
      puts.push({
        method: 'PUT',
        path: `/${key}`,
        query: new URLSearchParams(),
        headers,
        body: null,
        text,
        at: 0,
      })
      return bucket.put(key, Readable.from([body]), options)
    },
  }
}

function accesses(launcher: Launcher): RunnerAccess[] {
  const attached = anAccess()
  if (!launcher.capabilities.canDetach) return [attached]
  return [attached, anAccess({ baseUrl: null, runner: { ...attached.runner, url: null } })]
}
