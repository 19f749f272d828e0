import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Job } from '#lib/training/job.types.ts'
import { type FrontDoor, openFrontDoor } from '#tests/support/app/front-door.ts'
import { startApp, type TestApp } from '#tests/support/app/start-app.ts'
import { runContainer } from '#tests/support/providers/sagemaker/run-container.ts'
import {
  type SageMakerDouble,
  startSageMakerDouble,
} from '#tests/support/providers/sagemaker/start-sagemaker-double.ts'
import { type S3TestServer, startS3Server } from '#tests/support/s3-server/start-s3-server.ts'

let app: TestApp
let door: FrontDoor
let s3: S3TestServer
let double: SageMakerDouble
let datasetId: string

beforeAll(async () => {
  door = await openFrontDoor()
  s3 = await startS3Server()
  double = await startSageMakerDouble({ accessKeyId: s3.accessKeyId })
  app = await startApp({
    settings: {
      APP_BASE_URL: door.url,
      SAGEMAKER_ENDPOINT: double.url,
      ALLOW_PRIVATE_ADDRESSES: 'true',
    },
  })
  door.leadTo(app.url)
  await putKey('us-east-1')
  datasetId = await upload('s3')
})
afterAll(async () => {
  await app?.close()
  await double?.close()
  await s3?.close()
  await door?.close()
})

const send = (method: string, path: string, body: unknown) =>
  app.asOwner(path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })

async function putKey(region: string): Promise<void> {
  const saved = await send('PUT', '/api/secrets/aws', {
    api_key: s3.accessKeyId,
    metadata: {
      aws: {
        secret_access_key: s3.secretAccessKey,
        region,
        s3_bucket: s3.bucket,
        endpoint: s3.endpoint,
        force_path_style: true,
        iam_role_arn: 'arn:aws:iam::123456789012:role/finetunelab',
      },
    },
  })
  expect(saved.status).toBeLessThan(300)
}

async function upload(store: string): Promise<string> {
  const form = new FormData()
  form.set('name', `Kitchen assistant at ${store}`)
  form.set('storage_provider', store)
  form.set('file', new Blob([await readFile('examples/kitchen-assistant.jsonl')]), 'kitchen-assistant.jsonl')
  const answer = await app.asOwner('/api/training/dataset', { method: 'POST', body: form })
  expect(answer.status).toBe(201)
  return ((await answer.json()) as { dataset: { id: string } }).dataset.id
}

async function deploy(body: Record<string, unknown>): Promise<Response> {
  const config = await send('POST', '/api/training/config', {
    name: 'At SageMaker',
    provider: 'sagemaker',
    base_model: 'Qwen/Qwen2.5-0.5B',
    method: 'sft',
    trainer: 'smoke',
    hyperparameters: { max_steps: 4, logging_steps: 1 },
  })
  const { id } = (await config.json()) as { id: string }
  return send('POST', '/api/training/deploy/sagemaker', { training_config_id: id, ...body })
}

async function until(id: string, isSo: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = (await (await app.asOwner(`/api/training/jobs/${id}`)).json()) as Job
    if (isSo(job)) return job
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function launched(body: Record<string, unknown> = {}): Promise<Job> {
  const answer = await deploy({ dataset_id: datasetId, ...body })
  expect(answer.status).toBe(202)
  const { job_id } = (await answer.json()) as { job_id: string }
  const job = await until(job_id, ({ status }) => status !== 'queued' && status !== 'launching')
  expect(job.status).toBe('starting')
  return job
}

/** The bucket as its owner reads it. */
async function bucket() {
  const { id } = await app.services.identity.ensureOwner()
  return app.services.stores.open('s3', await app.services.storageAccess(id))
}

test('a dataset of another region than the key is neither offered nor taken, with the same words', async () => {
  const reason = expect.stringContaining('its own region, eu-west-1; this dataset is in us-east-1')
  const offered = async () => {
    const answer = await app.asOwner('/api/training/dataset/available?training_provider=sagemaker')
    const { datasets } = (await answer.json()) as { datasets: { id: string }[] }
    return datasets.find(({ id }) => id === datasetId)
  }
  expect(await offered()).toMatchObject({ selectable: true })
  await putKey('eu-west-1')
  expect(await offered()).toMatchObject({ selectable: false, reason })
  const refused = await deploy({ dataset_id: datasetId, instance_type: 'ml.g5.xlarge' })
  expect(await refused.json()).toMatchObject({ code: 'dataset_incompatible', error: reason })
  await putKey('us-east-1')
})

test('a dataset goes from its bucket to the training and nowhere else, and the job ends as the training did', async () => {
  const job = await launched({ instance_type: 'ml.g5.xlarge', max_runtime_seconds: 3600 })
  expect(job.machine).toEqual({ id: 'ml.g5.xlarge', usd_per_hour: 1.408, region: 'us-east-1' })
  const training = double.jobs.get(job.provider_ref!)!
  const ended = await runContainer(training.request, await bucket())
  expect(ended.lines.join('\n')).toContain('was put here by the provider and is verified')
  expect(ended.exitStatus).toBe(0)
  training.follow('Uploading', 'Completed')
  const done = await until(job.id, ({ status }) => status === 'succeeded')
  expect(done.progress?.step).toBe(4)
  expect(done.result_path).toBe(
    `${training.request.OutputDataConfig.S3OutputPath}${job.provider_ref}/output/model`,
  )
}, 60_000)

test('neither the secret key nor a link is in anything that SageMaker is sent', async () => {
  const sent = double.requests.map(({ body, headers }) => body + JSON.stringify(headers)).join('\n')
  expect(sent).toContain('CreateTrainingJob')
  for (const leak of [s3.secretAccessKey, app.ownerToken, 'X-Amz-Signature', 'token='])
    expect(sent).not.toContain(leak)
})

test('cancel ends when the training has verifiably stopped', async () => {
  const job = await launched()
  expect((await send('POST', `/api/training/jobs/${job.id}/cancel`, {})).status).toBe(202)
  await until(job.id, ({ status }) => status === 'cancelled')
  expect(double.jobs.get(job.provider_ref!)!.ended).toBe(true)
}, 60_000)

test('a dataset elsewhere, a wait without spot, and a field that is none are refused with the way out', async () => {
  const elsewhere = await deploy({ dataset_id: await upload('local') })
  expect(elsewhere.status).toBe(400)
  expect(JSON.stringify(await elsewhere.json())).toContain('AWS S3')
  const wait = await deploy({ dataset_id: datasetId, max_wait_seconds: 7200 })
  expect(wait.status).toBe(400)
  expect(await wait.json()).toMatchObject({ details: [{ field: 'max_wait_seconds' }] })
  const kept = await deploy({ dataset_id: datasetId, artifact_storage_provider: 's3' })
  expect(kept.status).toBe(400)
  expect(await kept.json()).toMatchObject({ details: [{ field: 'artifact_storage_provider' }] })
  const count = await deploy({ dataset_id: datasetId, instance_count: 3 })
  expect(count.status).toBe(400)
  expect(JSON.stringify(await count.json())).toContain('instance_count')
})
