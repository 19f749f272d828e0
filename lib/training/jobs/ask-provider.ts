import { sql } from 'kysely'
import { hashToken, makeToken } from '#lib/auth/tokens/token-secret.ts'
import { inTransaction } from '#lib/db/database.ts'
import { isAppError } from '#lib/errors/app-error.ts'
import type { Job } from '#lib/training/job.types.ts'
import type { Launcher } from '#lib/training/launchers/launcher.ts'
import type { LaunchHold } from './launch-hold.ts'
import { type LaunchLink, readLaunchNeeds } from './launch-needs.ts'
import type { LaunchServices } from './launch-services.ts'
import { moveJob, moveJobWithin } from './move-job.ts'
import { noticeJob } from './notice-job.ts'
import { recordLaunch } from './record-launch.ts'
import { recordLeaseWithin, revokeLeasesWithin } from './record-lease.ts'

const waitSecondsMax = 300
/** A place in the queue is given up after a day. */
const waitingSecondsMax = 86_400

/** Asks for one machine; answers in how many seconds to look again, or null when there is no need. */
export async function askProvider(
  services: LaunchServices,
  launcher: Launcher,
  hold: LaunchHold,
  job: Job,
): Promise<number | null> {
  const token = makeToken('job')
  const needs = await prepare(services, launcher, hold, job, token)
  if (!needs) return null
  if (!(await writeDownAsk(services, hold, job, { tokenHash: hashToken(token), link: needs.link }))) return 0
  try {
    const launched = await launcher.launch(needs.request, needs.access)
    await recordLaunch(services, launcher, hold, job, launched)
    return null
  } catch (error) {
    return afterFailure(services, hold, job, error)
  }
}

/** Everything that can fail before the provider is asked does so here: nothing was started then. */
async function prepare(
  services: LaunchServices,
  launcher: Launcher,
  hold: LaunchHold,
  job: Job,
  token: string,
) {
  try {
    const lacking = await launcher.lacks(job.user_id)
    if (lacking) throw lacking
    return await readLaunchNeeds(services, launcher, job, { token, sealedEnvironment: hold.environment })
  } catch (error) {
    if (isAppError(error) && error.kind === 'transient') throw error
    await fail(services, job, error)
    return null
  }
}

/** Before the request, so that whoever comes after a crash knows that there may be a machine. */
function writeDownAsk(
  services: LaunchServices,
  hold: LaunchHold,
  job: Job,
  { tokenHash, link }: { tokenHash: string; link: LaunchLink | null },
): Promise<boolean> {
  return inTransaction(services.db, async (trx) => {
    // First: who has lost the hold must not put a dead token in the place of another's.
    if (!(await hold.ask(trx))) return false
    const claimed = await trx
      .updateTable('training_jobs')
      .set({ token_hash: tokenHash, error: null, updated_at: new Date() })
      .where('id', '=', job.id)
      .where('status', 'in', ['queued', 'launching'])
      .where('cancel_requested_at', 'is', null)
      .where('provider_ref', 'is', null)
      .returning('status')
      .executeTakeFirst()
    if (!claimed) {
      await hold.write({ asked_at: null }, trx)
      return false
    }
    if (claimed.status === 'queued') await moveJobWithin(trx, job.id, 'launching')
    await revokeLeasesWithin(trx, job, 'Another token took the place of this one.')
    await recordLeaseWithin(trx, job, { action: 'token_issued' })
    if (link)
      await recordLeaseWithin(trx, job, { action: 'issued', ...link, reason: 'Given along at the launch.' })
    return true
  })
}

async function afterFailure(
  services: LaunchServices,
  hold: LaunchHold,
  job: Job,
  error: unknown,
): Promise<number | null> {
  const isBusy = isAppError(error) && (error.code === 'no_capacity' || error.code === 'rate_limited')
  if (isBusy) return waitForRoom(services, hold, job, error.message, error.retryAfterSeconds)
  const isAnswer = isAppError(error) && error.kind !== 'transient' && error.kind !== 'aborted'
  if (isAnswer) {
    if (await hold.write({ asked_at: null })) await fail(services, job, error)
    return null
  }
  services.log.warn({ err: error, job: job.id }, 'a launch was not answered; what runs there decides')
  await noticeJob(services, job, {
    level: 'warning',
    code: 'launch_unanswered',
    message:
      'The provider did not answer the launch. What runs there is looked through before anything is asked again.',
  })
  return 1
}

async function waitForRoom(
  services: LaunchServices,
  hold: LaunchHold,
  job: Job,
  reason: string,
  retryAfterSeconds: number | undefined,
): Promise<number | null> {
  if (hold.waitingSeconds > waitingSecondsMax) {
    if (!(await hold.write({ asked_at: null }))) return null
    await moveJob(services, job.id, 'failed', {
      error: {
        code: 'no_capacity',
        message: `${reason}. Tried for a day; choose another machine or region.`,
      },
    })
    return null
  }
  const pause = Math.min(services.settings.LAUNCH_RETRY_SECONDS * 2 ** hold.waits, waitSecondsMax)
  const seconds = Math.max(retryAfterSeconds ?? 0, pause)
  const written = await hold.write({
    asked_at: null,
    waits: hold.waits + 1,
    waiting_since: sql<Date>`coalesce(waiting_since, now())`,
    not_before: sql<Date>`now() + make_interval(secs => ${seconds})`,
  })
  if (!written) return null
  const message = `${reason}. It is asked again in ${Math.round(seconds)} s.`
  await moveJob(services, job.id, 'queued', { error: { code: 'no_capacity', message } })
  await noticeJob(services, job, { level: 'warning', code: 'no_capacity', message })
  return seconds
}

async function fail(services: LaunchServices, job: Job, error: unknown): Promise<void> {
  services.log.error({ err: error, job: job.id }, 'a launch failed')
  const known = isAppError(error)
  await moveJob(services, job.id, 'failed', {
    error: {
      code: known ? error.code : 'launch_failed',
      message: known
        ? [error.message, ...[error.details ?? []].flat().map(detailWords)].join('. ')
        : 'The training could not be started; the server log says why.',
    },
  })
}

/** A detail is a sentence, or a field with what is wrong about it. */
function detailWords(detail: unknown): string {
  if (typeof detail === 'string') return detail
  const { field, message } = detail as { field?: string; message?: string }
  return [field, message].filter(Boolean).join(': ')
}
