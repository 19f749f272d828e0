import { inTransaction } from '#lib/db/database.ts'
import type { Services } from '#lib/services.ts'
import type { Job } from '#lib/training/job.types.ts'
import type { Launcher } from '#lib/training/launchers/launcher.ts'
import { finishJob } from './finish-job.ts'
import { moveJobWithin } from './move-job.ts'
import { noticeJob } from './notice-job.ts'
import { revokeLeasesWithin } from './record-lease.ts'

const replacementsMax = 2

/** Ends a machine that is to blame, and sends its job to another one; after the second replacement the job fails. */
export async function replaceMachine(
  services: Pick<Services, 'db' | 'queue'>,
  launcher: Launcher,
  job: Job,
  fault: { code: string; message: string },
): Promise<void> {
  await launcher.cancel(job)
  const launch = await services.db.service
    .selectFrom('training_job_launches')
    .select('replacements')
    .where('job_id', '=', job.id)
    .executeTakeFirst()
  if ((launch?.replacements ?? 0) >= replacementsMax)
    return finishJob(services, job, { status: 'failed', error: fault })
  const replaced = await inTransaction(services.db, async (trx) => {
    const current = await trx
      .selectFrom('training_jobs')
      .select('provider_ref')
      .where('id', '=', job.id)
      .forUpdate()
      .executeTakeFirst()
    // Somebody else was quicker: what the job has now is another machine, which is not to blame.
    if (current?.provider_ref !== job.provider_ref) return false
    const moved = await moveJobWithin(trx, job.id, 'queued', { error: fault })
    if (!moved) return false
    await revokeLeasesWithin(trx, job, 'Its machine is replaced by another one.')
    await trx
      .updateTable('training_jobs')
      .set({
        provider_ref: null,
        machine: null,
        token_hash: null,
        last_report_seq: 0,
        billed_from: null,
        billed_until: null,
        spent_before_usd: moved.cost.so_far ?? 0,
      })
      .where('id', '=', job.id)
      .execute()
    await trx
      .updateTable('training_job_launches')
      .set((eb) => ({ machine_fault: null, replacements: eb('replacements', '+', 1) }))
      .where('job_id', '=', job.id)
      .execute()
    return true
  })
  if (!replaced) return
  await noticeJob(services, job, {
    level: 'warning',
    code: 'machine_replaced',
    message: `${fault.message} The machine was ended; another one is asked for.`,
  })
  await services.queue.sendLaunch(job.id)
}
