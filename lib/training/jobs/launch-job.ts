/**
 * How a job comes to its machine, so that a crash, a time-out or a second process at any point leaves one machine at
 * most, and none that nobody watches.
 *
 *   hold     one process at a time advances a launch; the hold lapses soon after its holder died
 *   ask      `asked_at` and a new token are written down, and only then is the provider asked
 *   record   the answer clears `asked_at` and names the machine, if the hold is still ours; else our machine is ended
 *   settle   where `asked_at` stands and no answer does, nobody knows: the provider's list is looked through for the
 *            job's stamp. What is found is adopted: its token is the last one that was written down. Nothing found long
 *            enough after the request (LAUNCH_SETTLE_SECONDS) means that nothing came of it, and the job asks again.
 *
 * No room at the provider puts the job back in the queue, to be tried again with growing pauses for a day. A job that
 * was cancelled, or ended, while it asked goes the same way, only that what is found is ended instead of adopted.
 */
import { isAppError } from '#lib/errors/app-error.ts'
import type { Job } from '#lib/training/job.types.ts'
import type { Launcher } from '#lib/training/launchers/launcher.ts'
import { trainingProviderLabels } from '#lib/training/training-config.types.ts'
import { askProvider } from './ask-provider.ts'
import { isEnd } from './job-states.ts'
import { holdLaunch, type LaunchHold } from './launch-hold.ts'
import type { LaunchServices } from './launch-services.ts'
import { moveJob } from './move-job.ts'
import { noticeJob } from './notice-job.ts'
import { readJob } from './read-job.ts'
import { settleAsk } from './settle-ask.ts'

/** Requests of which nothing was ever seen, after which the launch is given up. */
const unansweredMax = 5

/** Advances a launch as far as it goes now; answers in how many seconds to come again, or null when there is no need. */
export async function launchJob(services: LaunchServices, jobId: string): Promise<number | null> {
  const hold = await holdLaunch(services.db, jobId)
  if (!hold) return null
  try {
    return await advance(services, hold)
  } finally {
    await hold.release()
  }
}

async function advance(services: LaunchServices, hold: LaunchHold): Promise<number | null> {
  const job = await readJob(services, hold.jobId)
  if (!job || job.provider_ref) return null
  const launcher = services.launchers.find(job.provider)
  if (!launcher) {
    const message = `This deployment cannot launch on ${trainingProviderLabels[job.provider]}.`
    await moveJob(services, job.id, 'failed', { error: { code: 'provider_unavailable', message } })
    return null
  }
  if (hold.askedSecondsAgo !== null) {
    const settled = await settle(services, launcher, hold, job)
    if (settled !== 'nothing') return settled
    if (hold.unanswered + 1 >= unansweredMax) return giveUp(services, job)
  }
  if (isEnd(job.status)) return null
  if (job.cancel_requested_at) {
    await moveJob(services, job.id, 'cancelled')
    return null
  }
  if (hold.waitSeconds > 0) return hold.waitSeconds
  return askProvider(services, launcher, hold, job)
}

/** A provider that cannot be asked what it runs leaves everything open. */
async function settle(services: LaunchServices, launcher: Launcher, hold: LaunchHold, job: Job) {
  try {
    return await settleAsk(services, launcher, hold, job)
  } catch (error) {
    services.log.warn({ err: error, job: job.id }, 'a launch could not be settled yet')
    return isAppError(error) && error.retryAfterSeconds ? error.retryAfterSeconds : 10
  }
}

async function giveUp(services: LaunchServices, job: Job): Promise<null> {
  const message = `${unansweredMax} requests for a machine were not answered, and none of them came to anything.`
  await noticeJob(services, job, { level: 'error', code: 'launch_unanswered', message })
  await moveJob(services, job.id, job.cancel_requested_at ? 'cancelled' : 'failed', {
    error: {
      code: 'launch_unanswered',
      message: `${message} ${trainingProviderLabels[job.provider]} may have a failure.`,
    },
  })
  return null
}
