import type { z } from 'zod'
import type { Job } from '#lib/training/job.types.ts'
import type { trainingConfigInputSchema } from '#lib/training/training-config.types.ts'

type AsOwner = (path: string, init?: RequestInit) => Promise<Response>
type ConfigInput = z.input<typeof trainingConfigInputSchema>

async function json<T>(answer: Response, status: number): Promise<T> {
  const text = await answer.text()
  if (answer.status !== status) throw new Error(`${answer.url} answered ${answer.status}: ${text}`)
  return JSON.parse(text) as T
}

const post = (body: unknown): RequestInit => ({ method: 'POST', body: JSON.stringify(body) })

/** Uploads the sample and launches a training on it, on this machine; answers the job's id. */
export async function trainLocally(asOwner: AsOwner, change: Partial<ConfigInput> = {}): Promise<string> {
  const { dataset } = await json<{ dataset: { id: string } }>(
    await asOwner('/api/training/sample', post({})),
    201,
  )
  const config = await json<{ id: string }>(
    await asOwner(
      '/api/training/config',
      post({
        name: 'A training of the tests',
        provider: 'local',
        base_model: 'smoke/byte-level',
        method: 'sft',
        trainer: 'smoke',
        hyperparameters: {},
        datasets: [{ dataset_id: dataset.id }],
        ...change,
      } satisfies ConfigInput),
    ),
    201,
  )
  const deployed = await asOwner('/api/training/deploy/local', post({ training_config_id: config.id }))
  return (await json<{ job_id: string }>(deployed, 202)).job_id
}

export async function readJob(asOwner: AsOwner, id: string): Promise<Job> {
  return json<Job>(await asOwner(`/api/training/jobs/${id}`), 200)
}
