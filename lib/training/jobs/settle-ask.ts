import type { Job } from '#lib/training/job.types.ts'
import type { Launched, Launcher, StampedMachine } from '#lib/training/launchers/launcher.ts'
import { stampOf } from '#lib/training/launchers/stamp.ts'
import { endOrphan } from './end-orphan.ts'
import { isEnd } from './job-states.ts'
import type { LaunchHold } from './launch-hold.ts'
import type { LaunchServices } from './launch-services.ts'
import { noticeJob } from './notice-job.ts'
import { recordLaunch } from './record-launch.ts'

/** Between two looks while a request may still come to something. */
const lookAgainSeconds = 5

/**
 * Finds out what became of a request that nobody recorded an answer to. Answers seconds to come again, null when the
 * launch is done, or `nothing` when the request came to nothing and the way is free.
 */
export async function settleAsk(
  services: LaunchServices,
  launcher: Launcher,
  hold: LaunchHold,
  job: Job,
): Promise<number | null | 'nothing'> {
  const name = stampOf(services.deploymentId, job.id)
  const machines = (await launcher.listOurs(job.user_id, job.id)).filter((machine) => machine.name === name)
  const wanted = !isEnd(job.status) && !job.cancel_requested_at
  const [newest] = newestFirst(machines)
  const adopted = wanted ? newest : undefined
  const others = machines.filter((machine) => machine !== adopted)
  for (const machine of others) {
    if (wanted) await endOrphan(services, launcher, job.user_id, job, machine, 'second_machine')
    else await launcher.end(job.user_id, machine.providerRef)
  }
  if (adopted) {
    await recordLaunch(services, launcher, hold, job, await launchedAs(launcher, job, adopted))
    await noticeJob(services, job, {
      level: 'info',
      code: 'machine_adopted',
      message: 'The answer to the launch was lost; the machine was found by its name.',
    })
    return null
  }
  const settleSeconds = launcher.capabilities.onThisMachine ? 0 : services.settings.LAUNCH_SETTLE_SECONDS
  const remaining = settleSeconds - (hold.askedSecondsAgo ?? 0)
  if (remaining > 0) return Math.min(remaining, lookAgainSeconds)
  const written = await hold.write({ asked_at: null, unanswered: hold.unanswered + 1 })
  return written ? 'nothing' : null
}

/** What the answer to the launch would have said. A price that the list does not tell, a look at the machine may. */
async function launchedAs(
  launcher: Launcher,
  job: Job,
  { providerRef, machine, usdPerHour }: StampedMachine,
): Promise<Launched> {
  const looked =
    usdPerHour === null
      ? await launcher.inspect({ ...job, provider_ref: providerRef }).catch(() => null)
      : null
  const price = usdPerHour ?? (looked?.state === 'present' ? (looked.usdPerHour ?? null) : null)
  return {
    providerRef,
    machine: { id: machine?.id ?? 'unknown', region: machine?.region ?? null, usdPerHour: price },
  }
}

/** The last request's token is the one that is good: its machine is the newest. */
function newestFirst(machines: StampedMachine[]): StampedMachine[] {
  return machines.toSorted((a, b) => Date.parse(b.createdAt ?? '') - Date.parse(a.createdAt ?? '') || 0)
}
