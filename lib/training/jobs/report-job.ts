import type { Transaction } from 'kysely'
import { inTransaction } from '#lib/db/database.ts'
import type { DatabaseSchema } from '#lib/db/schema.ts'
import type { Services } from '#lib/services.ts'
import type { Job, JobStatus, MetricPoint, Report } from '#lib/training/job.types.ts'
import { machineErrorCodes } from '#lib/training/launchers/launcher.ts'
import { addJobEvent, moveJobWithin } from './move-job.ts'

/**
 * Takes what a runner has to say. The job's row is locked first, so that its events have ids in the order in which
 * they become visible; a report whose `seq` was seen already is answered and otherwise ignored.
 */
export function reportJob(
  { db }: Pick<Services, 'db'>,
  job: Job,
  report: Report,
): Promise<{ status: JobStatus; cancel: boolean }> {
  return inTransaction(db, async (trx) => {
    const current = await trx
      .selectFrom('training_jobs')
      .select(['status', 'cancel_requested_at', 'last_report_seq', 'metrics', 'progress'])
      .where('id', '=', job.id)
      .forUpdate()
      .executeTakeFirstOrThrow()
    const repeated = report.seq !== undefined && report.seq <= current.last_report_seq
    let status = current.status
    const now = new Date()
    if (!repeated) {
      const points = report.metrics === undefined ? [] : [report.metrics].flat()
      if (report.logs?.length) await addJobEvent(trx, job, 'logs', report.logs)
      if (points.length > 0) await addJobEvent(trx, job, 'metrics', points)
      await trx
        .updateTable('training_jobs')
        .set({
          last_heartbeat_at: now,
          updated_at: now,
          ...(report.seq !== undefined ? { last_report_seq: report.seq } : {}),
          ...(points.length > 0
            ? {
                metrics: JSON.stringify(mergedMetrics(current.metrics, points)),
                progress: JSON.stringify(mergedProgress(current.progress as Job['progress'], points)),
              }
            : {}),
        })
        .where('id', '=', job.id)
        .execute()
      const wanted = wantedStatus(report, status, current.cancel_requested_at !== null)
      if (wanted === 'failed' && report.error && machineErrorCodes.includes(report.error.code)) {
        // Not the training's end: the reconciler ends the machine and sends the job to another one.
        await blameMachine(trx, job.id, report.error)
        return { status, cancel: true }
      }
      if (wanted) {
        // A runner that ends in one breath was running all the same.
        if (wanted === 'succeeded' && status !== 'running') await moveJobWithin(trx, job.id, 'running')
        const moved = await moveJobWithin(trx, job.id, wanted, {
          ...(report.error && wanted !== 'cancelled' ? { error: report.error } : {}),
          ...(report.result_path ? { resultPath: report.result_path } : {}),
        })
        status = moved?.status ?? status
      }
    }
    return { status, cancel: current.cancel_requested_at !== null }
  })
}

async function blameMachine(
  trx: Transaction<DatabaseSchema>,
  jobId: string,
  fault: NonNullable<Report['error']>,
): Promise<void> {
  await trx
    .updateTable('training_job_launches')
    .set({ machine_fault: JSON.stringify(fault) })
    .where('job_id', '=', jobId)
    .execute()
}

function wantedStatus(report: Report, status: JobStatus, cancelRequested: boolean): JobStatus | null {
  if (report.status === undefined || report.status === status || report.status === 'starting') return null
  // Stopped because we asked: whatever it died of.
  if (report.status === 'failed' && cancelRequested) return 'cancelled'
  return report.status
}

/** The last known value of each metric: a step without an evaluation does not erase the last evaluation. */
function mergedMetrics(before: unknown, points: MetricPoint[]): Record<string, unknown> {
  const merged = { ...(before as Record<string, unknown> | null) }
  for (const point of points) Object.assign(merged, point)
  return merged
}

function mergedProgress(before: Job['progress'], points: MetricPoint[]): Job['progress'] {
  let progress = before ?? { step: 0, total_steps: null, epoch: null }
  for (const { step, total_steps, epoch } of points) {
    progress = {
      step: Math.max(progress.step, step),
      total_steps: total_steps ?? progress.total_steps,
      epoch: epoch ?? progress.epoch,
    }
  }
  return progress
}
