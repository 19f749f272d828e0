import { onDuty } from '#lib/db/duty.ts'
import { sweepRateLimits } from '#lib/db/rate-limit.ts'
import type { Services } from '#lib/services.ts'
import { sweepArtifacts } from './artifacts/sweep-artifacts.ts'
import { sweepDatasets } from './datasets/sweep-datasets.ts'
import { enforceLimits } from './jobs/enforce-limits.ts'
import { reconcileProvider } from './jobs/reconcile-provider.ts'
import { sweepOrphans } from './jobs/sweep-orphans.ts'
import type { Launcher } from './launchers/launcher.ts'
import { sweepProblemFiles } from './problems/problem-file.ts'
import { sweepUploads } from './uploads/sweep-uploads.ts'
import { createWatchClock } from './watch-clock.ts'

const limitsEveryMilliseconds = 5000
const localEveryMilliseconds = 5000
const datasetsEveryMilliseconds = 60_000
const uploadsEveryMilliseconds = 300_000
const rateLimitsEveryMilliseconds = 600_000
/** What has expired hinders nobody: it is removed when the application serves already. */
const soonMilliseconds = 1000
/** Accounts without jobs of late are looked through at the start and then so often. */
const thoroughEveryMilliseconds = 1_800_000

/**
 * Looks after what nobody asks for: datasets whose upload died, jobs whose process did, machines that nobody knows. Once
 * at the start, before anybody is served, then again and again; rounds never overlap, in this process or in others.
 */
export async function startCaretaker(
  services: Services,
  { alone }: { alone: boolean },
): Promise<{ stop(): Promise<void> }> {
  await services.stores.sweepLocalPartials({ alone })
  const sweep = () => sweepDatasets(services, { alone })
  const { removed } = await sweep()
  const sweepExpired = () => onDuty(services.db, 'uploads', () => sweepUploads(services))
  await sweepExpired()
  if (removed > 0) services.log.info({ removed }, 'uploads that never ended were removed')
  const rounds = [
    repeat(services, sweep, datasetsEveryMilliseconds),
    repeat(services, sweepExpired, uploadsEveryMilliseconds),
    repeat(services, () => sweepProblemFiles(services), rateLimitsEveryMilliseconds, soonMilliseconds),
    repeat(services, () => services.stores.sweepLocalPartials({ alone: false }), uploadsEveryMilliseconds),
    repeat(services, () => sweepArtifacts(services), datasetsEveryMilliseconds, soonMilliseconds),
    repeat(services, () => sweepRateLimits(services.db), rateLimitsEveryMilliseconds),
    repeat(
      services,
      () =>
        onDuty(services.db, 'limits', (signal) =>
          enforceLimits(services, { everyMilliseconds: limitsEveryMilliseconds, signal }),
        ),
      limitsEveryMilliseconds,
    ),
    ...services.launchers.all.map((launcher) => watch(services, launcher)),
  ]
  return {
    async stop() {
      await Promise.all(rounds.map((round) => round.stop()))
    },
  }
}

/** Looks at one provider, now and again and again. Where it runs is this machine, each machine looks at its own. */
function watch(services: Services, launcher: Launcher) {
  let thoroughAt = 0
  const { onThisMachine, startedBy } = launcher.capabilities
  const everyMilliseconds = onThisMachine
    ? localEveryMilliseconds
    : services.settings.RECONCILE_SECONDS * 1000
  const clock = createWatchClock(everyMilliseconds)
  const look = async (signal?: AbortSignal) => {
    await reconcileProvider(services, launcher, {
      watchedSeconds: clock.beginLook(),
      everyMilliseconds,
      ...(signal ? { signal } : {}),
    }).finally(() => clock.endLook())
    if (onThisMachine || startedBy === 'person' || signal?.aborted) return
    const thorough = Date.now() - thoroughAt > thoroughEveryMilliseconds
    if (thorough) thoroughAt = Date.now()
    await sweepOrphans(services, launcher, { thorough })
  }
  if (onThisMachine) return repeat(services, look, everyMilliseconds)
  const round = () => onDuty(services.db, `provider ${launcher.provider}`, look)
  return repeat(services, round, everyMilliseconds, Math.min(1000, everyMilliseconds))
}

function repeat(
  { log }: Pick<Services, 'log'>,
  work: () => Promise<unknown>,
  everyMilliseconds: number,
  firstMilliseconds = everyMilliseconds,
) {
  let stopped = false
  let timer: NodeJS.Timeout
  let running: Promise<unknown> = Promise.resolve()
  const next = (milliseconds: number) => {
    timer = setTimeout(() => {
      running = work()
        .catch((error) =>
          log.warn({ err: error }, 'a round of the caretaker failed; the next one tries again'),
        )
        .finally(() => {
          if (!stopped) next(everyMilliseconds)
        })
    }, milliseconds)
  }
  next(firstMilliseconds)
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
