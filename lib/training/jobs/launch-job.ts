import { hashToken, makeToken } from '#lib/auth/tokens/token-secret.ts'
import { isAppError } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { Job } from '#lib/training/job.types.ts'
import { jobColumns, jobOfRow } from './job-row.ts'
import { moveJob } from './move-job.ts'
import { stopJob } from './stop-job.ts'

const defaultRuntimeSeconds = 86_400

/**
 * What the queue does with a job: asks its provider, once. The token is new at every attempt, so that whatever an
 * attempt started that died before it could be recorded is turned away when it calls, and ends.
 */
export async function launchJob(
  services: Pick<Services, 'db' | 'launchers' | 'loopbackUrl' | 'publicUrl' | 'log'>,
  jobId: string,
): Promise<void> {
  const token = makeToken('job')
  const job = await claimJob(services, jobId, hashToken(token))
  if (!job) return
  try {
    const launcher = services.launchers.of(job.provider)
    const baseUrl = launcher.capabilities.onThisMachine ? services.loopbackUrl() : services.publicUrl()
    const { providerRef } = await launcher.launch(
      {
        job,
        options: {},
        environment: {},
        maxRuntimeSeconds: job.max_runtime_seconds ?? defaultRuntimeSeconds,
        datasets: [],
      },
      {
        token,
        baseUrl,
        runner: { url: null, sha256: '' },
        dataset: { url: '', sha256: job.datasets[0]?.sha256 ?? '' },
      },
    )
    await recordLaunch(services, job, providerRef)
  } catch (error) {
    services.log.error({ err: error, job: jobId }, 'a launch failed')
    const known = isAppError(error)
    await moveJob(services, jobId, 'failed', {
      error: {
        code: known ? error.code : 'launch_failed',
        message: known
          ? [error.message, error.details].filter(Boolean).join('. ')
          : 'The training could not be started; the server log says why.',
      },
    })
  }
}

/** From `queued`, or from `launching` where an earlier attempt died; anything else is no longer ours to launch. */
async function claimJob({ db }: Pick<Services, 'db'>, jobId: string, tokenHash: string): Promise<Job | null> {
  const claimed = await moveJob({ db }, jobId, 'launching', { tokenHash })
  if (claimed) return claimed
  const row = await db.service
    .updateTable('training_jobs')
    .set({ token_hash: tokenHash, updated_at: new Date() })
    .where('id', '=', jobId)
    .where('status', '=', 'launching')
    .where('provider_ref', 'is', null)
    .returning(jobColumns)
    .executeTakeFirst()
  return row ? jobOfRow(row) : null
}

/** The runner may have reported before its reference was known: the reference is recorded either way. */
async function recordLaunch(
  services: Pick<Services, 'db' | 'launchers'>,
  job: Job,
  providerRef: string,
): Promise<void> {
  if (await moveJob(services, job.id, 'starting', { providerRef })) {
    const cancelled = await services.db.service
      .selectFrom('training_jobs')
      .select('id')
      .where('id', '=', job.id)
      .where('cancel_requested_at', 'is not', null)
      .executeTakeFirst()
    if (cancelled) await stopJob(services, job.id)
    return
  }
  await services.db.service
    .updateTable('training_jobs')
    .set({ provider_ref: providerRef })
    .where('id', '=', job.id)
    .execute()
}
