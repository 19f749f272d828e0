/** `npm run demo`: the main job without a browser. A dataset in, a training on this machine, its loss, the result. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { styleText } from 'node:util'
import type { ApiConnection } from '#lib/client/api-connection.ts'
import { followJobEvents } from '#lib/client/job-events.ts'
import { deployTraining, getJob } from '#lib/client/jobs.ts'
import { createTrainingConfig } from '#lib/client/training-configs.ts'
import { createSampleDataset } from '#lib/client/uploads.ts'
import { processSettings } from '#lib/config/process-settings.ts'
import { readSettings } from '#lib/config/settings.ts'
import { startRuntime } from '#lib/runtime.ts'
import type { Services } from '#lib/services.ts'
import { serveEndpoints } from '#web/endpoint-server.ts'
import { lossCurve } from './loss-curve.ts'

// A folder of its own, so that the demo runs beside a server that is up, and shows nothing but itself.
const token = randomBytes(24).toString('base64url')
const settings = readSettings({
  DATA_DIR: join(processSettings().DATA_DIR, 'demo'),
  PYTHON: process.env.PYTHON,
  OWNER_TOKEN: token,
  PORT: '0',
  LOG_LEVEL: 'warn',
})
let services: Services | undefined
const server = await serveEndpoints(() => services as Services)
settings.PORT = server.port
const runtime = await startRuntime(settings, 'web')
services = runtime.services
const api: ApiConnection = { baseUrl: `http://127.0.0.1:${server.port}`, token }

try {
  step('Bring a dataset')
  const { dataset } = await createSampleDataset(api)
  say(
    `${dataset.name}: ${dataset.total_examples} examples, format ${dataset.format}, ${dataset.file_size_bytes} bytes stored`,
  )
  say(`SHA-256 ${dataset.sha256}`)

  step('Train on it, on this machine')
  const config = await createTrainingConfig(api, {
    name: 'Demo',
    provider: 'local',
    base_model: 'smoke/byte-level',
    method: 'sft',
    trainer: 'smoke',
    hyperparameters: {},
    datasets: [{ dataset_id: dataset.id }],
  })
  const { job_id } = await deployTraining(api, 'local', { training_config_id: config.id })
  const losses = await follow(job_id)

  step('The loss')
  for (const line of lossCurve(losses)) say(line)
  const job = await getJob(api, job_id)
  step('The result')
  if (job.status !== 'succeeded')
    throw new Error(`The training ${job.status}: ${job.error?.message ?? 'no reason given'}`)
  say(job.result_path ?? '')
  say(`Loss ${losses[0]?.loss.toFixed(3)} at the start, ${losses.at(-1)?.loss.toFixed(3)} at the end.`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  await server.close()
  await runtime.close()
}

async function follow(jobId: string): Promise<{ step: number; loss: number }[]> {
  const losses: { step: number; loss: number }[] = []
  for await (const event of followJobEvents(api, jobId, { signal: AbortSignal.timeout(10 * 60_000) })) {
    if (event.type === 'status') say(event.data.status)
    if (event.type === 'logs')
      for (const { stream, line } of event.data) if (stream === 'runner') say(styleText('dim', line))
    if (event.type !== 'metrics') continue
    for (const { step, loss } of event.data) if (loss !== undefined) losses.push({ step, loss })
  }
  return losses
}

function step(title: string): void {
  console.log(`\n${styleText('bold', title)}`)
}

function say(line: string): void {
  console.log(`  ${line}`)
}
