import { afterEach, expect, test } from 'vitest'
import { createMemoryStorageService } from '#lib/storage/memory-storage-service.ts'
import { createHuggingFaceLauncher } from '#lib/training/launchers/huggingface/launcher.ts'
import { createLambdaLauncher } from '#lib/training/launchers/lambda/launcher.ts'
import type { Launcher } from '#lib/training/launchers/launcher.ts'
import { createRunPodLauncher } from '#lib/training/launchers/runpod/launcher.ts'
import { createSageMakerLauncher } from '#lib/training/launchers/sagemaker/launcher.ts'
import type { TrainingProvider } from '#lib/training/training-config.types.ts'
import { contractMissing, readContract } from '#tests/support/providers/contract-schema.ts'
import { startHubDouble } from '#tests/support/providers/huggingface/start-hub-double.ts'
import { startLambdaDouble } from '#tests/support/providers/lambda/start-lambda-double.ts'
import { anAccess, aSecret } from '#tests/support/providers/launch-request.ts'
import { requestLog, type SentRequest } from '#tests/support/providers/request-log.ts'
import { startRunPodDouble } from '#tests/support/providers/runpod/start-runpod-double.ts'
import { faultsOf, loadModel } from '#tests/support/providers/sagemaker/service-model.ts'
import { startSageMakerDouble } from '#tests/support/providers/sagemaker/start-sagemaker-double.ts'
import { sampleLaunch } from '#tests/support/providers/sample-launch.ts'

/** A launcher with its double, and how what it sends is held against the provider's own contract. */
interface Subject {
  launcher: Launcher
  secrets: string[]
  sent(): SentRequest[]
  contract: string
  /** Null where the contract says nothing about it. */
  problems(request: SentRequest): string[] | null
  close(): Promise<void>
}

const deploymentId = crypto.randomUUID()
const awsSecretKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'

/** Schemas of an OpenAPI document by request, or that the document is not here. */
function openApi(file: string, schemas: Record<string, string>): Pick<Subject, 'contract' | 'problems'> {
  const missing = contractMissing(file)
  if (missing) return { contract: missing, problems: () => null }
  const contract = readContract(file)
  return {
    contract: file,
    problems({ method, path, body }) {
      const schema = schemas[`${method} ${path}`]
      return schema ? contract.problems(schema, body) : null
    },
  }
}

const subjects: Partial<Record<TrainingProvider, () => Promise<Subject>>> = {
  async runpod() {
    const double = await startRunPodDouble()
    const secretOf = aSecret(double.apiKey)
    return {
      launcher: createRunPodLauncher({ deploymentId, secretOf, apiUrl: double.url, pollSeconds: 0.02 }),
      secrets: [double.apiKey],
      sent: () => double.seen,
      ...openApi('runpod-v2.json', { 'POST /v2/pods': '#/components/schemas/CreatePodRequest' }),
      close: double.close,
    }
  },
  async lambda() {
    const double = await startLambdaDouble({ pace: { secondsPerRequest: 0, secondsPerLaunch: 0 } })
    const bodyOf = (path: string) =>
      `#/paths/${path.replaceAll('/', '~1')}/post/requestBody/content/application~1json/schema`
    const posts = ['launch', 'terminate'].map((verb) => `/api/v1/instance-operations/${verb}`)
    return {
      launcher: createLambdaLauncher({
        deploymentId,
        secretOf: aSecret(double.apiKey, { lambda: { ssh_key_name: 'finetunelab' } }),
        takeTurn: async () => {},
        apiUrl: double.url,
        pollSeconds: 0.02,
      }),
      secrets: [double.apiKey],
      sent: () => double.seen,
      ...openApi(
        'lambda-1.10.0.json',
        Object.fromEntries(posts.map((path) => [`POST ${path}`, bodyOf(path)])),
      ),
      close: double.close,
    }
  },
  async huggingface() {
    const double = await startHubDouble()
    const secretOf = aSecret(double.token)
    return {
      launcher: createHuggingFaceLauncher({
        deploymentId,
        secretOf,
        apiUrl: double.url,
        pollSeconds: 0.02,
      }),
      secrets: [double.token],
      sent: () => double.seen,
      contract: 'none: the Hub publishes no document; its double refuses what huggingface_hub does not send',
      problems: () => null,
      close: double.close,
    }
  },
  async sagemaker() {
    const double = await startSageMakerDouble()
    const model = loadModel()
    const aws = {
      secret_access_key: awsSecretKey,
      region: 'us-east-1',
      s3_bucket: 'data-of-mine',
      iam_role_arn: 'arn:aws:iam::123456789012:role/finetunelab',
    }
    const bucket = createMemoryStorageService()
    return {
      launcher: createSageMakerLauncher({
        deploymentId,
        secretOf: aSecret(double.accessKeyId, { aws }),
        openBucket: async () => bucket,
        apiUrl: double.url,
        pollSeconds: 0.005,
      }),
      secrets: [awsSecretKey],
      sent: () =>
        double.requests.map(({ operation, body }) => ({
          method: operation,
          path: '/',
          body: JSON.parse(body),
        })),
      contract: model.source,
      problems: ({ method, body }) =>
        model.shapes[`${method}Request`] ? faultsOf(model, `${method}Request`, body) : null,
      close: double.close,
    }
  },
}

let close = async () => {}
afterEach(() => close())

test.each(Object.keys(subjects) as TrainingProvider[])(
  'what the %s launcher sends fits the contract, and its list holds nothing that opens anything',
  async (provider) => {
    const subject = await subjects[provider]!()
    close = subject.close
    const { launcher } = subject
    const access = anAccess()
    const request = sampleLaunch(provider)
    const { providerRef } = await launcher.launch(
      { ...request, options: provider === 'sagemaker' ? { instance_type: 'ml.g5.xlarge' } : {} },
      access,
    )
    const job = { ...request.job, provider_ref: providerRef }
    await launcher.inspect(job)
    await launcher.listOurs(job.user_id)
    await launcher.cancel(job)

    const sent = subject.sent()
    const verdicts = sent.map((one) => subject.problems(one))
    expect(verdicts.flatMap((problems) => problems ?? [])).toEqual([])
    const list = requestLog(sent, [...subject.secrets, access.token])
    const held = verdicts.filter((problems) => problems !== null).length
    process.stdout.write(
      `\n${launcher.provider}: ${sent.length} requests; ${held} held against ${subject.contract}\n${list}\n`,
    )
    for (const secret of [...subject.secrets, access.token, access.dataset.url])
      expect(list).not.toContain(secret)
    expect(sent.length).toBeGreaterThanOrEqual(4)
  },
)
