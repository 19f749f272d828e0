import { expect } from '@playwright/test'
import type { ApiConnection } from '#lib/client/api-connection.ts'
import { deployTraining, getJob } from '#lib/client/jobs.ts'
import { createTrainingConfig } from '#lib/client/training-configs.ts'

/** A training on this machine, launched past the form; answers the job's id. */
export async function launchSmokeTest(api: ApiConnection, datasetId: string, epochs = 2): Promise<string> {
  const config = await createTrainingConfig(api, {
    name: 'Smoke test',
    provider: 'local',
    base_model: 'Qwen/Qwen2.5-0.5B-Instruct',
    method: 'sft',
    trainer: 'smoke',
    hyperparameters: { epochs },
    datasets: [{ dataset_id: datasetId }],
  })
  const { job_id } = await deployTraining(api, 'local', { training_config_id: config.id })
  return job_id
}

export async function untilEnded(api: ApiConnection, jobId: string): Promise<void> {
  await expect
    .poll(async () => (await getJob(api, jobId)).ended_at, { timeout: 60_000, message: 'the job ends' })
    .not.toBeNull()
}
