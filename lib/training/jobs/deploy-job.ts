import { createHash, randomUUID } from 'node:crypto'
import type { z } from 'zod'
import type { User } from '#lib/auth/identity.ts'
import { inTransaction } from '#lib/db/database.ts'
import { conflict, invalid } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { judge } from '#lib/training/compatibility.ts'
import { getConfig } from '#lib/training/configs/get-config.ts'
import { noteEstimate } from '#lib/training/cost/note-estimate.ts'
import { getReadyDataset } from '#lib/training/datasets/get-dataset.ts'
import type { deployBaseSchema, Job } from '#lib/training/job.types.ts'
import { optionsIn } from '#lib/training/launchers/deploy-requests.types.ts'
import type { Launcher } from '#lib/training/launchers/launcher.ts'
import { s3ReaderOf } from '#lib/training/s3-reader.ts'
import type { TrainingConfig, TrainingProvider } from '#lib/training/training-config.types.ts'
import { checkLaunch } from './check-launch.ts'
import { sealedFor } from './job-environment.ts'
import { jobColumns, jobOfRow } from './job-row.ts'
import { runtimeSecondsDefault } from './launch-needs.ts'
import { addJobEvent } from './move-job.ts'

type DeployServices = Pick<
  Services,
  'db' | 'launchers' | 'queue' | 'sealedBox' | 'settings' | 'storageAccess' | 'stores' | 'secrets' | 'log'
>
type DeployRequest = z.output<typeof deployBaseSchema>

/**
 * Turns a configuration into a job and puts its launch in the queue. Whatever can be known to fail is refused before
 * there is a job. The job keeps the configuration and the datasets' hashes as they are now. The same idempotency key
 * answers the same job again.
 */
export async function deployJob(
  services: DeployServices,
  user: User,
  provider: TrainingProvider,
  request: DeployRequest,
  idempotencyKey: string | null,
): Promise<Job> {
  const call = idempotencyKey === null ? null : { key: idempotencyKey, sha256: sha256Of(provider, request) }
  const earlier = await earlierJob(services, user, call)
  if (earlier) return earlier
  const launcher = services.launchers.of(provider)
  const config = await getConfig(services, user, request.training_config_id)
  const draft = draftJob(
    user,
    launcher,
    config,
    request,
    await jobDatasets(services, user, provider, config, request),
  )
  await checkLaunch(services, launcher, draft, request)

  const inserted = await inTransaction(services.db, async (trx) => {
    const row = await trx
      .insertInto('training_jobs')
      .values({
        id: draft.id,
        user_id: user.id,
        training_config_id: config.id,
        name: draft.name,
        provider,
        config: JSON.stringify(draft.config),
        datasets: JSON.stringify(draft.datasets),
        cost: JSON.stringify(draft.cost),
        options: JSON.stringify(draft.options),
        detached: draft.detached,
        artifact_storage_provider: draft.artifact_storage_provider,
        allow_cross_storage: draft.allow_cross_storage,
        max_runtime_seconds: draft.max_runtime_seconds,
        idempotency_key: idempotencyKey,
      })
      .onConflict((on) => on.columns(['user_id', 'idempotency_key']).doNothing())
      .returning(jobColumns)
      .executeTakeFirst()
    if (!row) return null
    const environment = JSON.stringify(request.environment_variables)
    await trx
      .insertInto('training_job_launches')
      .values({
        job_id: draft.id,
        environment: environment === '{}' ? null : services.sealedBox.seal(environment, sealedFor(draft)),
        request_sha256: call?.sha256 ?? null,
      })
      .execute()
    const job = jobOfRow(row)
    await addJobEvent(trx, job, 'status', { status: job.status, error: null })
    return job
  })
  if (!inserted) return (await earlierJob(services, user, call))!
  // A crash right here leaves a queued job that the reconciler sends again; the launch itself is fenced.
  await services.queue.sendLaunch(inserted.id)
  if (launcher.capabilities.bills) void noteEstimate(services, inserted)
  return inserted
}

/** The job as it will be, for what has to be checked before there is one. */
function draftJob(
  user: User,
  { provider, capabilities }: Launcher,
  config: TrainingConfig,
  request: DeployRequest,
  datasets: Job['datasets'],
): Job {
  const now = new Date().toISOString()
  return {
    id: randomUUID(),
    user_id: user.id,
    training_config_id: config.id,
    name: request.name ?? config.name,
    provider,
    status: 'queued',
    provider_ref: null,
    config: { ...config, provider },
    datasets,
    progress: null,
    metrics: null,
    cost: {
      estimated: capabilities.bills ? null : 0,
      so_far: capabilities.bills ? null : 0,
      budget_limit: request.budget_limit ?? null,
    },
    error: null,
    cancel_requested_at: null,
    last_heartbeat_at: null,
    max_runtime_seconds: request.max_runtime_seconds ?? (capabilities.bills ? runtimeSecondsDefault : null),
    options: optionsIn(provider, request),
    detached: request.detached,
    artifact_storage_provider: request.artifact_storage_provider ?? null,
    allow_cross_storage: request.allow_cross_storage,
    machine: null,
    billed_from: null,
    billed_until: null,
    result_path: null,
    created_at: now,
    started_at: null,
    ended_at: null,
    updated_at: now,
  }
}

async function jobDatasets(
  services: DeployServices,
  user: User,
  provider: TrainingProvider,
  config: TrainingConfig,
  request: DeployRequest,
): Promise<Job['datasets']> {
  const wanted = request.dataset_id ? [{ dataset_id: request.dataset_id, weight: 1 }] : config.datasets
  if (wanted.length === 0)
    throw invalid('dataset_missing', 'Choose a dataset', 'Name one in dataset_id, or in the configuration.')
  const s3Reader = await s3ReaderOf(services, user)
  return Promise.all(
    wanted.map(async ({ dataset_id, weight }) => {
      const dataset = await getReadyDataset(services, user, dataset_id)
      const verdict = judge({
        provider,
        method: config.method,
        allowCrossStorage: request.allow_cross_storage,
        dataset,
        s3Reader,
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

interface KeyedCall {
  key: string
  sha256: string
}

async function earlierJob(
  { db }: Pick<DeployServices, 'db'>,
  user: User,
  call: KeyedCall | null,
): Promise<Job | null> {
  if (call === null) return null
  const row = await db.asUser(user.id, (trx) =>
    trx
      .selectFrom('training_jobs')
      .select(jobColumns)
      .where('idempotency_key', '=', call.key)
      .executeTakeFirst(),
  )
  if (!row) return null
  const launch = await db.service
    .selectFrom('training_job_launches')
    .select('request_sha256')
    .where('job_id', '=', row.id)
    .executeTakeFirst()
  if (launch?.request_sha256 === call.sha256) return jobOfRow(row)
  throw conflict(
    'idempotency_key_reused',
    'This Idempotency-Key belongs to another launch',
    'Use a new key for each launch.',
  )
}

/** Of the variables that a person sets the names only: a hash is no place to keep a secret. */
function sha256Of(provider: TrainingProvider, { environment_variables, ...request }: DeployRequest): string {
  const fields = { ...request, provider, environment_variables: Object.keys(environment_variables).sort() }
  const ordered = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(ordered)).digest('hex')
}
