import type { Transaction } from 'kysely'
import { inTransaction } from '#lib/db/database.ts'
import type { DatabaseSchema } from '#lib/db/schema.ts'
import type { Services } from '#lib/services.ts'
import type { Job, JobStatus, Report } from '#lib/training/job.types.ts'
import { capabilitiesOf } from '#lib/training/launchers/all-facts.types.ts'
import { machineErrorCodes } from '#lib/training/launchers/launcher.ts'
import { jobColumns, jobOfRow } from './job-row.ts'
import { judgeLimits, type LimitVerdict } from './judge-limits.ts'
import { moveJobWithin } from './move-job.ts'
import { type GivenReport, givenReport, takeReports } from './take-reports.ts'

/**
 * Takes what a runner has to say; a report whose `seq` was seen already is answered and otherwise ignored. Nearly all
 * leave the job in the state that it is in, and are written down together with those of other jobs; one that moves the
 * job has a transaction of its own.
 */
export async function reportJob(
  { db, takeReport }: Pick<Services, 'db' | 'takeReport'>,
  job: Pick<Job, 'id'>,
  report: Report,
): Promise<{ status: JobStatus; cancel: boolean }> {
  const given = givenReport(job.id, report)
  const { status, cancel, is_fresh, is_taken } = await takeReport(given)
  if (is_taken || !is_fresh) return { status, cancel }
  const { status: _, ...news } = given
  return inTransaction(db, (trx) => reportChange(trx, news, report))
}

async function reportChange(
  trx: Transaction<DatabaseSchema>,
  news: GivenReport,
  report: Report,
): Promise<{ status: JobStatus; cancel: boolean }> {
  // The row is locked from here on.
  const [taken] = await takeReports(trx, [news])
  const { job_id: jobId, status, cancel, is_fresh } = taken!
  const wanted = is_fresh ? wantedStatus(report, status, cancel) : null
  if (!wanted) return { status, cancel }
  const blamesMachine = wanted === 'failed' && report.error && machineErrorCodes.includes(report.error.code)
  if (blamesMachine && (await isReplaceable(trx, jobId))) {
    // Not the training's end: the reconciler ends the machine and sends the job to another one.
    await blameMachine(trx, jobId, report.error!)
    return { status, cancel: true }
  }
  const stopped = await whyStopped(trx, jobId, wanted, report)
  // It is "cancelled" when its machine is verified gone, which is not the runner's to say.
  if (stopped === 'awaits its machine') return { status, cancel }
  // A runner that ends in one breath was running all the same.
  if (wanted === 'succeeded' && status !== 'running') await moveJobWithin(trx, jobId, 'running')
  const error = stopped?.error ?? (wanted === 'cancelled' ? undefined : report.error)
  const moved = await moveJobWithin(trx, jobId, stopped?.status ?? wanted, {
    ...(error ? { error } : {}),
    ...(report.result_path ? { resultPath: report.result_path } : {}),
  })
  return { status: moved?.status ?? status, cancel }
}

/**
 * A runner that was stopped knows that it was, and not why: a limit of ours, which whoever enforces it has yet to write
 * down, or a person, whose job waits for the end of its machine.
 */
async function whyStopped(
  trx: Transaction<DatabaseSchema>,
  jobId: string,
  wanted: JobStatus,
  { error }: Report,
): Promise<Extract<LimitVerdict, { kind: 'end' }> | 'awaits its machine' | null> {
  if (wanted !== 'cancelled' && !(wanted === 'failed' && error?.code === 'interrupted')) return null
  const row = await trx
    .selectFrom('training_jobs')
    .select(jobColumns)
    .where('id', '=', jobId)
    .executeTakeFirstOrThrow()
  const job = jobOfRow(row)
  if (job.cancel_requested_at) return capabilitiesOf(job.provider).bills ? 'awaits its machine' : null
  const verdict = judgeLimits(job, new Date())
  return verdict.kind === 'end' ? verdict : null
}

async function isReplaceable(trx: Transaction<DatabaseSchema>, jobId: string): Promise<boolean> {
  const { provider } = await trx
    .selectFrom('training_jobs')
    .select('provider')
    .where('id', '=', jobId)
    .executeTakeFirstOrThrow()
  return capabilitiesOf(provider).replaceable !== false
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
