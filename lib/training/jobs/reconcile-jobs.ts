import type { Services } from '#lib/services.ts'
import type { Job, JobStatus, LogLine } from '#lib/training/job.types.ts'
import { jobColumns, jobOfRow } from './job-row.ts'
import { moveJob } from './move-job.ts'
import { stopJob } from './stop-job.ts'

/** A job that waits longer than this in the queue was not sent, or its message was lost. */
const queuedSecondsMax = 60
const lastLines = 20

type ReconcileServices = Pick<Services, 'db' | 'launchers' | 'queue' | 'log'>

/** Compares what we believe of every living job with what is there, and mends what differs. */
export async function reconcileJobs(services: ReconcileServices): Promise<void> {
  const rows = await services.db.service
    .selectFrom('training_jobs')
    .select(jobColumns)
    .where('ended_at', 'is', null)
    .execute()
  for (const job of rows.map(jobOfRow)) {
    try {
      await reconcileJob(services, job)
    } catch (error) {
      services.log.warn(
        { err: error, job: job.id },
        'a job could not be reconciled; the next round tries again',
      )
    }
  }
}

async function reconcileJob(services: ReconcileServices, job: Job): Promise<void> {
  if (job.status === 'queued' || (job.status === 'launching' && !job.provider_ref)) {
    if (secondsSince(job.updated_at) > queuedSecondsMax) await services.queue.sendLaunch(job.id)
    return
  }
  if (job.cancel_requested_at) return stopJob(services, job.id)
  if (job.max_runtime_seconds && job.started_at && secondsSince(job.started_at) > job.max_runtime_seconds) {
    const message = `The training ran longer than its limit of ${job.max_runtime_seconds} s and was stopped.`
    return stopJob(services, job.id, 'timed_out', { error: { code: 'max_runtime', message } })
  }
  const inspection = await services.launchers.of(job.provider).inspect(job)
  if (inspection.state !== 'gone') return
  const { outcome } = inspection
  const status: JobStatus = outcome?.status ?? 'failed'
  if (status === 'succeeded' && job.status !== 'running') await moveJob(services, job.id, 'running')
  await moveJob(services, job.id, status, {
    ...(outcome?.resultPath ? { resultPath: outcome.resultPath } : {}),
    ...(status === 'failed' ? { error: outcome?.error ?? (await deathOf(services, job)) } : {}),
  })
}

async function deathOf({ db }: Pick<Services, 'db'>, job: Job): Promise<{ code: string; message: string }> {
  const batches = await db.service
    .selectFrom('training_job_events')
    .select('data')
    .where('job_id', '=', job.id)
    .where('type', '=', 'logs')
    .orderBy('id', 'desc')
    .limit(lastLines)
    .execute()
  const lines = batches
    .reverse()
    .flatMap(({ data }) => data as LogLine[])
    .slice(-lastLines)
  const tail =
    lines.length > 0
      ? ` Its last lines:\n${lines.map(({ line }) => line).join('\n')}`
      : ' It had not said anything.'
  return { code: 'process_died', message: `The training process ended without a word.${tail}` }
}

function secondsSince(time: string): number {
  return (Date.now() - Date.parse(time)) / 1000
}
