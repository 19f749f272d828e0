import { sql } from 'kysely'
import type { Services } from '#lib/services.ts'
import type { OrphanReason } from '#lib/training/job.types.ts'
import type { Launcher, StampedMachine } from '#lib/training/launchers/launcher.ts'
import { secretOfProvider } from '#lib/training/launchers/provider-secret.ts'
import { isOurs, readStamp } from '#lib/training/launchers/stamp.ts'
import { endOrphan } from './end-orphan.ts'
import { finishJob } from './finish-job.ts'
import { judgeLimits } from './judge-limits.ts'
import { readJob } from './read-job.ts'

type SweepServices = Pick<Services, 'db' | 'log' | 'deploymentId'>

/** How long the machine of an ended job may take to be ended in the usual way, before it counts as forgotten. */
const endingSecondsMax = 600
/** A deadline is enforced in time by `enforce-limits.ts`; what is this far beyond it slipped through. */
const deadlineSlackSeconds = 600

/**
 * Ends whatever a provider runs under this deployment's stamp that has no business to run: of no job that we know, of a
 * job that has ended, a second machine of a job, or one past its deadline. Other deployments' machines are not touched.
 */
export async function sweepOrphans(
  services: SweepServices,
  launcher: Launcher,
  { thorough }: { thorough: boolean },
): Promise<void> {
  for (const userId of await usersOf(services, launcher, thorough)) {
    try {
      if (await launcher.lacks(userId)) continue
      const listedAt = Date.now()
      for (const machine of await launcher.listOurs(userId))
        await judge(services, launcher, userId, { ...machine, listedAt })
    } catch (error) {
      services.log.warn(
        { err: error, provider: launcher.provider },
        'an account could not be swept for orphans; the next round tries again',
      )
    }
  }
}

/** Whose keys open an account with our machines: those with jobs of late; with `thorough`, all that have a key. */
async function usersOf({ db }: SweepServices, { provider }: Launcher, thorough: boolean): Promise<string[]> {
  const withJobs = await db.service
    .selectFrom('training_jobs')
    .select('user_id')
    .distinct()
    .where('provider', '=', provider)
    .where((eb) =>
      eb.or([eb('ended_at', 'is', null), eb('ended_at', '>', sql<Date>`now() - interval '1 day'`)]),
    )
    .execute()
  const secret = secretOfProvider[provider]
  const withKeys =
    thorough && secret
      ? await db.service.selectFrom('secrets').select('user_id').where('provider', '=', secret).execute()
      : []
  return [...new Set([...withJobs, ...withKeys].map(({ user_id }) => user_id))]
}

async function judge(
  services: SweepServices,
  launcher: Launcher,
  userId: string,
  machine: StampedMachine & Listed,
): Promise<void> {
  const stamp = readStamp(machine.name)
  if (!stamp || !isOurs(stamp, services.deploymentId)) return
  const job = await services.db.service
    .selectFrom('training_jobs as j')
    .leftJoin('training_job_launches as l', 'l.job_id', 'j.id')
    .select(['j.id', 'j.user_id', 'j.provider_ref', 'j.ended_at', 'j.billed_from', 'j.max_runtime_seconds'])
    .select(
      sql<boolean>`l.asked_at is not null or coalesce(l.held_until, '-infinity') > now()`.as('is_launching'),
    )
    .where('j.id', '=', stamp.jobId)
    .executeTakeFirst()
  const reason = reasonToEnd(job, machine, Date.now())
  if (!reason) return
  await endOrphan(services, launcher, userId, job ?? null, { ...machine, jobId: stamp.jobId }, reason)
  if (reason === 'past_deadline') await endOverdueJob(services, stamp.jobId)
}

/** Before anybody finds its machine gone, and takes the job for lost. */
async function endOverdueJob(services: SweepServices, jobId: string): Promise<void> {
  const job = await readJob(services, jobId)
  const verdict = job && judgeLimits(job, new Date())
  if (verdict?.kind === 'end') await finishJob(services, job!, verdict)
}

interface KnownJob {
  provider_ref: string | null
  ended_at: Date | null
  billed_from: Date | null
  max_runtime_seconds: number | null
  /** A request is open, or its launch is being advanced right now. */
  is_launching: boolean
}

interface Listed {
  /** When the list was asked for that has the machine; epoch milliseconds. */
  listedAt: number
}

export function reasonToEnd(
  job: KnownJob | undefined,
  { providerRef, listedAt }: Pick<StampedMachine, 'providerRef'> & Listed,
  now: number,
): OrphanReason | null {
  if (!job) return 'unknown_job'
  if (job.is_launching) return null
  // Whoever ended the job in the meantime has ended the machine that is in the list.
  if (job.ended_at && job.ended_at.getTime() >= listedAt) return null
  if (job.ended_at)
    return secondsSince(job.ended_at, now) > endingSecondsMax || job.provider_ref !== providerRef
      ? 'job_ended'
      : null
  if (job.provider_ref !== providerRef) return 'second_machine'
  if (job.billed_from === null || job.max_runtime_seconds === null) return null
  const overtime = secondsSince(job.billed_from, now) - job.max_runtime_seconds
  return overtime > deadlineSlackSeconds ? 'past_deadline' : null
}

const secondsSince = (time: Date, now: number) => (now - time.getTime()) / 1000
