import { inTransaction } from '#lib/db/database.ts'
import type { Services } from '#lib/services.ts'
import type { Job } from '#lib/training/job.types.ts'
import type { Launcher } from '#lib/training/launchers/launcher.ts'
import { closeBillWithin } from './close-bill.ts'

/** A machine that ends by itself is given this long after its runner's end. */
const graceSeconds = 300

/** Ends the machine of a job that has ended, and closes its bill once the provider has verified that it is gone. */
export async function endMachine(
  { db, log }: Pick<Services, 'db' | 'log'>,
  launcher: Launcher,
  job: Job,
): Promise<void> {
  if (!job.provider_ref || job.billed_until || !job.billed_from) return
  const inspection = await launcher.inspect(job)
  if (inspection.state === 'unknown') return
  if (inspection.state !== 'gone') {
    const endedSecondsAgo = (Date.now() - Date.parse(job.ended_at ?? job.updated_at)) / 1000
    const mayGoByItself = launcher.capabilities.endsItself && job.status === 'succeeded'
    if (mayGoByItself && endedSecondsAgo < graceSeconds) return
    await launcher.cancel(job)
  }
  const billedSeconds = inspection.state === 'gone' ? inspection.billedSeconds : undefined
  await inTransaction(db, (trx) => closeBillWithin(trx, job.id, billedSeconds))
  log.info({ job: job.id, machine: job.provider_ref }, 'the machine of an ended job is gone')
}
