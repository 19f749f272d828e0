import { sql } from 'kysely'
import { inTransaction } from '#lib/db/database.ts'
import type { Job } from '#lib/training/job.types.ts'
import type { Launched, Launcher } from '#lib/training/launchers/launcher.ts'
import { stampOf } from '#lib/training/launchers/stamp.ts'
import { endMachine } from './end-machine.ts'
import { endOrphan } from './end-orphan.ts'
import { isEnd } from './job-states.ts'
import type { LaunchHold } from './launch-hold.ts'
import type { LaunchServices } from './launch-services.ts'
import { moveJobWithin } from './move-job.ts'
import { noticeJob } from './notice-job.ts'
import { readJob } from './read-job.ts'
import { stopJob } from './stop-job.ts'

/**
 * Writes down which machine a job has and from when it costs, whatever state the job is in: its runner may have reported
 * already, even its end. Where the hold was lost somebody else has taken over, and a machine that is not theirs is ended.
 */
export async function recordLaunch(
  services: LaunchServices,
  launcher: Launcher,
  hold: LaunchHold,
  job: Job,
  { providerRef, machine }: Launched,
): Promise<void> {
  const usdPerHour = machine?.usdPerHour ?? null
  const recorded = await inTransaction(services.db, async (trx) => {
    const asked = await trx
      .selectFrom('training_job_launches')
      .select('asked_at')
      .where('job_id', '=', job.id)
      .executeTakeFirst()
    const written = await hold.write(
      { asked_at: null, not_before: null, waiting_since: null, waits: 0, unanswered: 0 },
      trx,
    )
    if (!written) return false
    const { numUpdatedRows } = await trx
      .updateTable('training_jobs')
      .set({
        provider_ref: providerRef,
        machine:
          machine && JSON.stringify({ id: machine.id, usd_per_hour: usdPerHour, region: machine.region }),
        ...(launcher.capabilities.bills ? { billed_from: asked?.asked_at ?? sql<Date>`now()` } : {}),
      })
      .where('id', '=', job.id)
      .where('provider_ref', 'is', null)
      .executeTakeFirst()
    if (numUpdatedRows === 0n) return false
    await moveJobWithin(trx, job.id, 'starting')
    return true
  })
  const current = await readJob(services, job.id)
  if (!recorded && current?.provider_ref !== providerRef) {
    const name = stampOf(services.deploymentId, job.id)
    const stray = { providerRef, name, createdAt: null, usdPerHour, machine }
    await endOrphan(services, launcher, job.user_id, job, stray, 'second_machine')
    return
  }
  if (!current) return
  if (recorded && launcher.capabilities.bills) await warnWithoutPrice(services, current)
  if (isEnd(current.status)) return endMachine(services, launcher, current)
  if (current.cancel_requested_at) return stopJob(services, job.id)
}

/** A budget that cannot be counted is said to be none; the maximum runtime holds all the same. */
async function warnWithoutPrice(services: LaunchServices, job: Job): Promise<void> {
  if (job.cost.budget_limit === null || (job.machine?.usd_per_hour ?? null) !== null) return
  await noticeJob(services, job, {
    level: 'warning',
    code: 'budget_uncounted',
    message: `Nobody knows what this machine costs, so its budget cannot be counted. It is ended after its maximum runtime of ${job.max_runtime_seconds} s.`,
  })
}
