import type { Services } from '#lib/services.ts'
import type { Job, OrphanReason } from '#lib/training/job.types.ts'
import type { Launcher, StampedMachine } from '#lib/training/launchers/launcher.ts'
import { noticeJob } from './notice-job.ts'

const reasonWords = {
  unknown_job: 'belongs to no job of this deployment',
  job_ended: 'was still there after its job had ended',
  second_machine: 'was a second one for the same job',
  past_deadline: 'was past its deadline',
} as const satisfies Record<OrphanReason, string>

/**
 * Ends a machine that has our stamp and no business to run, and writes it down before and after: where, why, and for
 * whose job. `job` is null where the database knows none.
 */
export async function endOrphan(
  services: Pick<Services, 'db' | 'log'>,
  launcher: Launcher,
  userId: string,
  job: Pick<Job, 'id' | 'user_id'> | null,
  machine: StampedMachine & { jobId?: string },
  reason: OrphanReason,
): Promise<void> {
  const { provider } = launcher
  const { providerRef } = machine
  services.log.warn({ provider, machine: providerRef, job: job?.id, reason }, 'an orphan is ended')
  await services.db.service
    .insertInto('training_orphans')
    .values({
      user_id: job?.user_id ?? userId,
      job_id: job?.id ?? machine.jobId ?? '00000000-0000-0000-0000-000000000000',
      provider,
      provider_ref: providerRef,
      name: machine.name,
      reason,
      usd_per_hour: machine.usdPerHour,
      machine_created_at: machine.createdAt,
    })
    .onConflict((on) => on.columns(['provider', 'provider_ref']).doUpdateSet({ ended_at: null }))
    .execute()
  await launcher.end(userId, providerRef)
  await services.db.service
    .updateTable('training_orphans')
    .set({ ended_at: new Date() })
    .where('provider', '=', provider)
    .where('provider_ref', '=', providerRef)
    .execute()
  if (!job) return
  await noticeJob(services, job, {
    level: 'warning',
    code: 'orphan_ended',
    message: `The machine ${providerRef} ${reasonWords[reason]}; it was ended.`,
  })
}
