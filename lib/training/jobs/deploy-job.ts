import type { z } from 'zod'
import type { User } from '#lib/auth/identity.ts'
import { conflict, invalid } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { judge } from '#lib/training/compatibility.ts'
import { getConfig } from '#lib/training/configs/get-config.ts'
import { getReadyDataset } from '#lib/training/datasets/get-dataset.ts'
import type { deployBaseSchema, Job } from '#lib/training/job.types.ts'
import type { TrainingConfig, TrainingProvider } from '#lib/training/training-config.types.ts'
import { jobColumns, jobOfRow } from './job-row.ts'
import { addJobEvent } from './move-job.ts'

type DeployServices = Pick<Services, 'db' | 'launchers' | 'queue'>

/**
 * Turns a configuration into a job and puts its launch in the queue. The job keeps the configuration and the datasets'
 * hashes as they are now. The same idempotency key answers the same job again.
 */
export async function deployJob(
  services: DeployServices,
  user: User,
  provider: TrainingProvider,
  request: z.output<typeof deployBaseSchema>,
  idempotencyKey: string | null,
): Promise<Job> {
  const launcher = services.launchers.of(provider)
  const config = await getConfig(services, user, request.training_config_id)
  const trainers = await launcher.trainers()
  const trainer = trainers.find((candidate) => candidate.trainer === config.trainer)
  if (trainer && !trainer.available) {
    throw invalid(
      'trainer_missing',
      `The trainer ${config.trainer} cannot run there`,
      trainer.reason ?? undefined,
    )
  }
  const datasets = await jobDatasets(services, user, provider, config, request)

  const inserted = await services.db.service.transaction().execute(async (trx) => {
    const row = await trx
      .insertInto('training_jobs')
      .values({
        user_id: user.id,
        training_config_id: config.id,
        name: request.name ?? config.name,
        provider,
        config: JSON.stringify({ ...config, provider }),
        datasets: JSON.stringify(datasets),
        cost: JSON.stringify({ estimated: 0, so_far: 0, budget_limit: null }),
        allow_cross_storage: request.allow_cross_storage,
        max_runtime_seconds: request.max_runtime_seconds ?? null,
        idempotency_key: idempotencyKey,
      })
      .onConflict((on) => on.columns(['user_id', 'idempotency_key']).doNothing())
      .returning(jobColumns)
      .executeTakeFirst()
    if (!row) return null
    const job = jobOfRow(row)
    await addJobEvent(trx, job, 'status', { status: job.status, error: null })
    return job
  })
  if (!inserted) return earlierJob(services, user, idempotencyKey, config)
  // A crash right here leaves a queued job that the reconciler sends again; the launch itself is fenced.
  await services.queue.sendLaunch(inserted.id)
  return inserted
}

async function jobDatasets(
  services: DeployServices,
  user: User,
  provider: TrainingProvider,
  config: TrainingConfig,
  request: z.output<typeof deployBaseSchema>,
): Promise<Job['datasets']> {
  const wanted = request.dataset_id ? [{ dataset_id: request.dataset_id, weight: 1 }] : config.datasets
  if (wanted.length === 0)
    throw invalid('dataset_missing', 'Choose a dataset', 'Name one in dataset_id, or in the configuration.')
  return Promise.all(
    wanted.map(async ({ dataset_id, weight }) => {
      const dataset = await getReadyDataset(services, user, dataset_id)
      const verdict = judge({
        provider,
        method: config.method,
        allowCrossStorage: request.allow_cross_storage,
        dataset,
      })
      if (!verdict.selectable) {
        throw invalid(
          'dataset_incompatible',
          `"${dataset.name}" cannot be used: ${verdict.reason}`,
          verdict.fix ?? undefined,
        )
      }
      return {
        dataset_id,
        name: dataset.name,
        weight,
        sha256: dataset.sha256,
        total_examples: dataset.total_examples,
      }
    }),
  )
}

async function earlierJob(
  services: DeployServices,
  user: User,
  key: string | null,
  config: TrainingConfig,
): Promise<Job> {
  const row = await services.db.asUser(user.id, (trx) =>
    trx
      .selectFrom('training_jobs')
      .select(jobColumns)
      .where('idempotency_key', '=', key)
      .executeTakeFirstOrThrow(),
  )
  if (row.training_config_id === config.id) return jobOfRow(row)
  throw conflict(
    'idempotency_key_reused',
    'This Idempotency-Key belongs to another launch',
    'Use a new key for each launch.',
  )
}
