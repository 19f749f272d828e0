import type { Job } from '#lib/training/job.types.ts'
import type { Trainer, TrainingProvider } from '#lib/training/training-config.types.ts'

/**
 * What every place to train keeps.
 *
 * - `launch` asks for one machine or process for the job and answers how the provider calls it. It may be called again
 *   for the same job after a crash: what an earlier call started is then adopted or ended, never doubled.
 * - `inspect` answers what is there now; `gone` when nothing is, with the outcome where one was left behind.
 * - `cancel` resolves when the provider has verified that nothing of the job runs any more; a job that is not there
 *   counts as cancelled.
 */
export interface Launcher {
  readonly provider: TrainingProvider
  readonly capabilities: LauncherCapabilities
  launch(job: Job, access: RunnerAccess): Promise<{ providerRef: string }>
  inspect(job: Job): Promise<Inspection>
  cancel(job: Job): Promise<void>
  /** Which trainers can run there now, and why the others cannot. */
  trainers(): Promise<{ trainer: Trainer; available: boolean; reason: string | null }[]>
}

export interface LauncherCapabilities {
  /** Runs where this application runs, and so reads its disk's links. */
  readonly onThisMachine: boolean
}

/** All that a runner is given: where to call, and a token that is good for its job alone. */
export interface RunnerAccess {
  token: string
  baseUrl: string
}

export type Inspection =
  | { state: 'present' }
  | { state: 'gone'; outcome: Outcome | null }
  /** Another machine's: this process cannot tell. */
  | { state: 'unknown' }

export interface Outcome {
  status: 'succeeded' | 'failed' | 'cancelled'
  error?: { code: string; message: string }
  resultPath?: string
}

export interface Launchers {
  /** Throws `misconfigured` for a provider that this deployment cannot launch on. */
  of(provider: TrainingProvider): Launcher
  find(provider: TrainingProvider): Launcher | null
}

export function createLaunchers(
  launchers: readonly Launcher[],
  missing: (provider: TrainingProvider) => Error,
): Launchers {
  const byProvider = new Map(launchers.map((launcher) => [launcher.provider, launcher]))
  return {
    find: (provider) => byProvider.get(provider) ?? null,
    of(provider) {
      const launcher = byProvider.get(provider)
      if (!launcher) throw missing(provider)
      return launcher
    },
  }
}
