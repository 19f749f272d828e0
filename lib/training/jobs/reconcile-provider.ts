import { sql } from 'kysely'
import type { Services } from '#lib/services.ts'
import type { Job } from '#lib/training/job.types.ts'
import type { Inspection, Launcher } from '#lib/training/launchers/launcher.ts'
import type { TrainingProvider } from '#lib/training/training-config.types.ts'
import { deathOf } from './death-of-job.ts'
import { endMachine } from './end-machine.ts'
import { finishJob } from './finish-job.ts'
import { jobColumns, jobOfRow } from './job-row.ts'
import { isEnd } from './job-states.ts'
import { noticeUnwatched } from './notice-unwatched.ts'
import { readProviderLog } from './read-provider-log.ts'
import { replaceMachine } from './replace-machine.ts'
import { stopJob } from './stop-job.ts'
import { workOnEach } from './work-on-each.ts'

/** A machine of which nothing was heard for so long trains for nobody. Our own absences do not count. */
const silentSecondsMax = 3600
const jobsAtOnce = 16

export type ReconcileServices = Pick<Services, 'db' | 'launchers' | 'queue' | 'log' | 'takeReport'>

export interface ReconcileRound {
  /** For how long this process has been watching without a gap. */
  watchedSeconds: number
  everyMilliseconds: number
  signal?: AbortSignal
}

interface Watched {
  job: Job
  /** Whether its launch is somebody's business now, or should become it. */
  launch: 'done' | 'waiting' | 'due'
  fault: { code: string; message: string } | null
}

/**
 * Compares what we believe of a provider's jobs with what is there, and mends what differs. What the provider does not
 * say is not concluded: a job whose provider cannot be reached stays as it is.
 */
export async function reconcileProvider(
  services: ReconcileServices,
  launcher: Launcher,
  { watchedSeconds, everyMilliseconds, signal }: ReconcileRound,
): Promise<void> {
  await workOnEach({
    find: () => watchedJobs(services, launcher.provider),
    idOf: ({ job }) => job.id,
    work: (watched) =>
      reconcileJob(services, launcher, watched, watchedSeconds)
        .catch(async (error) => {
          services.log.warn(
            { err: error, job: watched.job.id },
            'a job could not be reconciled; the next round tries again',
          )
          await noticeUnwatched(services, watched.job, error)
        })
        .catch((error) => services.log.warn({ err: error }, 'a notice could not be written')),
    atOnce: jobsAtOnce,
    everyMilliseconds,
    signal,
  })
}

async function watchedJobs({ db }: Pick<Services, 'db'>, provider: TrainingProvider): Promise<Watched[]> {
  const rows = await db.service
    .selectFrom('training_jobs as j')
    .leftJoin('training_job_launches as l', 'l.job_id', 'j.id')
    .select(jobColumns.map((column) => `j.${column}` as const))
    .select(['l.machine_fault', 'l.asked_at'])
    .select(
      sql<boolean>`coalesce(l.held_until, '-infinity') < now() and coalesce(l.not_before, '-infinity') < now()
        and greatest(j.updated_at, l.updated_at) < now() - interval '3 seconds'`.as('is_due'),
    )
    .where('j.provider', '=', provider)
    .where((eb) =>
      eb.or([
        eb('j.ended_at', 'is', null),
        eb.and([eb('j.billed_from', 'is not', null), eb('j.billed_until', 'is', null)]),
        eb('l.asked_at', 'is not', null),
      ]),
    )
    .execute()
  return rows.map(({ machine_fault, asked_at, is_due, ...row }) => {
    const job = jobOfRow(row)
    const launches = !job.provider_ref && (!isEnd(job.status) || asked_at !== null)
    return {
      job,
      launch: launches ? (is_due ? 'due' : 'waiting') : 'done',
      fault: machine_fault as Watched['fault'],
    }
  })
}

async function reconcileJob(
  services: ReconcileServices,
  launcher: Launcher,
  { job, launch, fault }: Watched,
  watchedSeconds: number,
): Promise<void> {
  if (launch === 'due') return services.queue.remindLaunch(job.id)
  if (launch === 'waiting') return
  if (isEnd(job.status)) return endMachine(services, launcher, job)
  if (job.cancel_requested_at) return stopJob(services, job.id)
  if (fault?.code === 'crash_loop') return stopJob(services, job.id, 'failed', { error: fault })
  if (fault) return replaceMachine(services, launcher, job, fault)
  const inspection = await launcher.inspect(job, watchedSeconds)
  if (job.detached) await readProviderLog(services, launcher, job)
  return conclude(services, launcher, job, inspection, watchedSeconds)
}

async function conclude(
  services: ReconcileServices,
  launcher: Launcher,
  job: Job,
  inspection: Inspection,
  watchedSeconds: number,
): Promise<void> {
  switch (inspection.state) {
    case 'unknown':
      return
    case 'present':
      if (inspection.phase === 'pending' && launcher.capabilities.billsWhilePending === false)
        await noteWaiting(services, job)
      if (inspection.usdPerHour != null) await notePrice(services, job, inspection.usdPerHour)
      if (inspection.phase === 'running' && launcher.capabilities.bills && isSilent(job, watchedSeconds)) {
        const message = `Nothing was heard of its runner for ${silentSecondsMax / 60} minutes; the machine was ended.`
        await stopJob(services, job.id, 'lost', { error: { code: 'runner_silent', message } })
      }
      return
    case 'spent': {
      const { outcome, replaceable } = inspection
      if (replaceable) {
        const blame = outcome.error ?? {
          code: 'machine_unusable',
          message: 'The machine did not come to work.',
        }
        return replaceMachine(services, launcher, job, blame)
      }
      await launcher.cancel(job)
      return finishJob(services, job, outcome)
    }
    case 'gone':
      return finishJob(
        services,
        job,
        inspection.outcome ?? (await deathOf(services, launcher, job)),
        inspection.billedSeconds,
      )
  }
}

function isSilent(job: Job, watchedSeconds: number): boolean {
  if (job.detached || watchedSeconds < silentSecondsMax) return false
  const heardAt = Date.parse(job.last_heartbeat_at ?? job.billed_from ?? job.created_at)
  return (Date.now() - heardAt) / 1000 > silentSecondsMax
}

/** Waiting that costs nothing uses up no time and no budget: the bill begins when it was last seen to wait. */
async function noteWaiting({ db }: Pick<Services, 'db'>, job: Job): Promise<void> {
  await db.service
    .updateTable('training_jobs')
    .set({ billed_from: sql<Date>`now()` })
    .where('id', '=', job.id)
    .where('provider_ref', '=', job.provider_ref)
    .where('status', '=', 'starting')
    .where('billed_until', 'is', null)
    .where('last_heartbeat_at', 'is', null)
    .execute()
}

/** The provider's own figure for this very machine is better than its catalogue's. */
async function notePrice({ db }: Pick<Services, 'db'>, job: Job, usdPerHour: number): Promise<void> {
  if (!job.machine || job.machine.usd_per_hour === usdPerHour || usdPerHour <= 0) return
  await db.service
    .updateTable('training_jobs')
    .set({ machine: JSON.stringify({ ...job.machine, usd_per_hour: usdPerHour }) })
    .where('id', '=', job.id)
    .where('provider_ref', '=', job.provider_ref)
    .execute()
}
