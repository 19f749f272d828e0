import { misconfigured } from '#lib/errors/app-error.ts'
import { listedMachines } from '#lib/training/cost/price-table.ts'
import type { Job } from '#lib/training/job.types.ts'
import { trainers } from '#lib/training/training-config.types.ts'
import type { Inspection, Launcher } from '../launcher.ts'
import { invalidLaunch, parseOptions } from '../parse-options.ts'
import { facts } from './facts.types.ts'
import { deployOptionsSchema } from './options.types.ts'

export interface ColabLauncherOptions {
  /** APP_BASE_URL: where a notebook reaches this application; null where nobody has said. */
  publicAddress: string | null
  now?: () => number
}

/** How long a notebook may go unopened. */
export const openPatienceSeconds = 7 * 86_400
/** Silence after which a notebook counts as closed. Long enough to open it again with a new code. */
export const silenceSecondsMax = 900

/**
 * A notebook that a person opens, and runs, at Colab: there is nothing to ask for and nothing to stop by call. The job
 * waits in `starting` until its runner reports, and is lost when it falls silent.
 */
export function createColabLauncher({ publicAddress, now = Date.now }: ColabLauncherOptions): Launcher {
  const secondsSince = (time: string) => (now() - Date.parse(time)) / 1000
  const lack = publicAddress
    ? null
    : misconfigured(
        'app_base_url_missing',
        'Colab cannot reach this application',
        'The notebook fetches its data from here and reports back. The operator has to set APP_BASE_URL to an address of this application that the internet can reach (a domain, or a tunnel).',
      )

  return {
    provider: 'colab',
    capabilities: facts.capabilities,
    lacks: async () => lack,
    offers: async () => listedMachines('colab'),

    async validate({ options, environment }) {
      if (lack) throw lack
      parseOptions('Colab', deployOptionsSchema, options)
      if (Object.keys(environment).length > 0)
        throw invalidLaunch('Colab', [
          {
            field: 'environment_variables',
            message:
              'A notebook can be shared and so carries no values: set them in Colab itself (Secrets), or in its first cell.',
          },
        ])
    },

    async launch({ job }) {
      if (lack) throw lack
      return { providerRef: `notebook:${job.id}`, machine: null }
    },

    async inspect(job, watchedSeconds = Number.POSITIVE_INFINITY) {
      return inspectionOf(job, secondsSince, watchedSeconds)
    },

    // The runner hears of it with its next report, or finds its token dead, and stops; nothing else can be verified.
    cancel: async () => {},
    end: async () => {},
    listOurs: async () => [],
    logs: async () => null,
    trainers: async () => trainers.map((trainer) => ({ trainer, available: true, reason: null })),
  }
}

function inspectionOf(job: Job, secondsSince: (time: string) => number, watchedSeconds: number): Inspection {
  const heard = job.last_heartbeat_at
  if (!heard) {
    if (secondsSince(job.created_at) <= openPatienceSeconds) return { state: 'present', phase: 'pending' }
    const message = 'Nobody ran the notebook within 7 days.'
    return { state: 'gone', outcome: { status: 'timed_out', error: { code: 'notebook_not_run', message } } }
  }
  if (Math.min(secondsSince(heard), watchedSeconds) <= silenceSecondsMax)
    return { state: 'present', phase: 'running' }
  const message = `The notebook has not been heard of for ${silenceSecondsMax / 60} minutes: Colab took its machine away, or it was closed.`
  return { state: 'gone', outcome: { status: 'lost', error: { code: 'notebook_silent', message } } }
}
