import { sweepRateLimits } from '#lib/db/rate-limit.ts'
import type { Services } from '#lib/services.ts'
import { sweepDatasets } from './datasets/sweep-datasets.ts'
import { reconcileJobs } from './jobs/reconcile-jobs.ts'
import { sweepUploads } from './uploads/sweep-uploads.ts'

const jobsEveryMilliseconds = 5000
const datasetsEveryMilliseconds = 60_000
const rateLimitsEveryMilliseconds = 600_000

/**
 * Looks after what nobody asks for: datasets whose upload died, jobs whose process did. Once at the start, before
 * anybody is served, then again and again; rounds never overlap.
 */
export async function startCaretaker(
  services: Services,
  { alone }: { alone: boolean },
): Promise<{ stop(): Promise<void> }> {
  if (alone) await services.stores.sweepLocalPartials()
  const sweep = () => sweepDatasets(services, { alone })
  const { removed } = await sweep()
  if (removed > 0) services.log.info({ removed }, 'uploads that never ended were removed')
  const rounds = [
    repeat(services, sweep, datasetsEveryMilliseconds),
    repeat(services, () => sweepUploads(services), datasetsEveryMilliseconds),
    repeat(services, () => sweepRateLimits(services.db), rateLimitsEveryMilliseconds),
    repeat(services, () => reconcileJobs(services), jobsEveryMilliseconds),
  ]
  return {
    async stop() {
      await Promise.all(rounds.map((round) => round.stop()))
    },
  }
}

function repeat({ log }: Pick<Services, 'log'>, work: () => Promise<unknown>, everyMilliseconds: number) {
  let stopped = false
  let timer: NodeJS.Timeout
  let running: Promise<unknown> = Promise.resolve()
  const next = () => {
    timer = setTimeout(() => {
      running = work()
        .catch((error) =>
          log.warn({ err: error }, 'a round of the caretaker failed; the next one tries again'),
        )
        .finally(() => {
          if (!stopped) next()
        })
    }, everyMilliseconds)
  }
  next()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
