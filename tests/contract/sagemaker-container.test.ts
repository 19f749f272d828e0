import { createHash, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { createMemoryStorageService } from '#lib/storage/memory-storage-service.ts'
import { createSageMakerLauncher } from '#lib/training/launchers/sagemaker/launcher.ts'
import type { Trainer } from '#lib/training/training-config.types.ts'
import { runContainer } from '#tests/support/providers/sagemaker/run-container.ts'
import { startSageMakerDouble } from '#tests/support/providers/sagemaker/start-sagemaker-double.ts'
import { s3Place, sampleAccess, sampleJob, sampleLaunch } from '#tests/support/providers/sample-launch.ts'

const double = await startSageMakerDouble()
afterAll(() => double.close())

/** Launches on a dataset in a bucket, and then does with the training job what SageMaker would. */
async function launchAndRun({ trainer = 'smoke' as Trainer, damage = false }) {
  const bucket = createMemoryStorageService()
  const bytes = gzipSync(readFileSync('examples/kitchen-assistant.jsonl'))
  const place = s3Place({ sizeBytes: bytes.byteLength })
  const put = (key: string, content: Uint8Array) =>
    bucket.put(
      key,
      (async function* () {
        yield content
      })(),
    )
  await put(place.key, damage ? Buffer.concat([bytes, Buffer.from('x')]) : bytes)
  // A neighbour that a prefix would take along.
  await put(`${place.key}.bak`, Buffer.from('of somebody else'))

  const launcher = createSageMakerLauncher({
    deploymentId: randomUUID(),
    secretOf: async () => ({
      provider: 'aws',
      apiKey: double.accessKeyId,
      metadata: {
        aws: {
          secret_access_key: 's',
          region: 'us-east-1',
          s3_bucket: 'b',
          iam_role_arn: 'arn:aws:iam::123456789012:role/r',
        },
      },
    }),
    openBucket: async () => bucket,
    apiUrl: double.url,
  })
  const job = sampleJob('sagemaker')
  job.config = {
    ...job.config,
    trainer,
    hyperparameters: { ...job.config.hyperparameters, max_steps: 4, logging_steps: 1 },
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const access = sampleAccess({ baseUrl: null, dataset: { url: 'https://unused.example.org', sha256 } })
  const { providerRef } = await launcher.launch(sampleLaunch('sagemaker', { job, datasets: [place] }), access)
  const ended = await runContainer(double.jobs.get(providerRef)!.request, bucket)
  return { ended, place }
}

describe('a container that is started as the launch asks', () => {
  test('finds its one dataset and no neighbour, proves it, trains, and leaves a model', async () => {
    const { ended, place } = await launchAndRun({})
    expect(ended.channels).toEqual({
      code: expect.arrayContaining(['config.json', 'finetunelab_runner.py', 'start.sh']),
      [place.datasetId]: [`${place.datasetId}.jsonl.gz`],
    })
    expect(ended.lines.join('\n')).toContain('The end: succeeded')
    expect(ended.exitStatus).toBe(0)
    expect(ended.model.length).toBeGreaterThan(0)
  })

  test('does not train on a dataset that is not what was launched, and says so where SageMaker looks', async () => {
    const { ended } = await launchAndRun({ damage: true })
    expect(ended.exitStatus).toBe(1)
    expect(ended.failure).toContain('dataset_corrupt')
    expect(ended.model).toEqual([])
  })
})
