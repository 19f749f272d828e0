import type { AppError } from '#lib/errors/app-error.ts'
import type { StorageLocation } from '#lib/storage/storage-service.ts'
import type { Job, LogLine } from '#lib/training/job.types.ts'
import type { Trainer, TrainingProvider } from '#lib/training/training-config.types.ts'
import type { LauncherCapabilities } from './facts.types.ts'

/**
 * What every place to train keeps.
 *
 * - Whatever a launch starts carries the job's stamp (`stamp.ts`), so that it is found again by `listOurs` when the
 *   answer to the launch was lost.
 * - `launch` asks the provider for one machine, once, and answers how the provider calls it. It never looks for an
 *   earlier attempt: whoever calls it has looked (`jobs/launch-job.ts`). Kinds of failure: `invalid` and `misconfigured`
 *   mean that nothing was started and that a repetition is useless; `limit` with code `no_capacity` that nothing was
 *   started and that it may work later; `transient` that nobody knows whether something was started.
 * - `inspect` answers what is there now; `gone` when nothing is, with the outcome where the provider tells one. Silence
 *   counts for as long as somebody has been listening: `watchedSeconds`, or always.
 * - `cancel` resolves when the provider has verified that nothing of the job runs or bills any more; a job that is not
 *   there counts as cancelled.
 * - Every call goes out with the keys of the job's owner, opened for that call.
 */
export interface Launcher {
  readonly provider: TrainingProvider
  readonly capabilities: LauncherCapabilities
  /** What this user lacks before anything can be launched, with the way out; null when nothing. */
  lacks(userId: string): Promise<AppError | null>
  /** Machines to choose from, with price and stock, cheapest first; empty where there is no choice. */
  offers(userId: string, signal?: AbortSignal): Promise<MachineOffer[]>
  /** Checks what can be known before the provider is asked; rejects with `invalid` and the field's name in `details`. */
  validate(launch: LaunchRequest): Promise<void>
  launch(launch: LaunchRequest, access: RunnerAccess): Promise<Launched>
  inspect(job: Job, watchedSeconds?: number): Promise<Inspection>
  cancel(job: Job): Promise<void>
  /**
   * Everything at the provider that carries this deployment's stamp, for one user's keys; with `jobId`, that job's stamp.
   * What is not among a job's does not exist: it must not be missed because pages shift while they are read.
   */
  listOurs(userId: string, jobId?: string): Promise<StampedMachine[]>
  /** Ends one machine by the provider's own name for it; resolves when it is gone. */
  end(userId: string, providerRef: string): Promise<void>
  /** The provider's own log from after `cursor`, for what the runner could not say itself; null where there is none. */
  logs(job: Job, cursor: string | null): Promise<{ lines: LogLine[]; cursor: string | null } | null>
  /** Which trainers can run there now, and why the others cannot. */
  trainers(): Promise<{ trainer: Trainer; available: boolean; reason: string | null }[]>
}

/** One kind of machine that a user can choose. */
export interface MachineOffer {
  /** The provider's own id: what `gpu_type`, `instance_type` or `flavor` takes. */
  id: string
  label: string
  gpu: { name: string; count: number; memoryGib: number | null } | null
  /** USD an hour for one machine of this kind; null where the provider does not tell. */
  usdPerHour: number | null
  /** When the price was read, ISO 8601; a shipped table says when it was compiled. */
  pricedAt: string | null
  /** Read from the provider, or from the table that we ship because the provider could not be asked. */
  priceSource: 'provider' | 'table'
  stock: 'high' | 'medium' | 'low' | 'none' | 'unknown'
  /** Regions with stock, where the provider has regions. */
  regions: string[]
}

export interface LaunchRequest {
  job: Job
  /** The provider's own fields of the deploy call, as its `options.types.ts` parsed them. */
  options: Readonly<Record<string, unknown>>
  /** Set by the person who launches; refused where a name is one of ours. */
  environment: Readonly<Record<string, string>>
  maxRuntimeSeconds: number
  /** Where each dataset lies, for a provider that mounts it. */
  datasets: readonly DatasetPlace[]
}

export interface DatasetPlace {
  datasetId: string
  location: StorageLocation
  key: string
  sizeBytes: number
}

/** All that a runner is given: where to call, and a token that is good for its job alone. */
export interface RunnerAccess {
  token: string
  /** Where the runner reaches us; null for a detached job. */
  baseUrl: string | null
  /** Address and SHA-256 (hex) of the runner's file; the bootstrap checks one against the other. */
  runner: { url: string | null; sha256: string }
  /** `DATASET_URL` and `DATASET_SHA256` of the first dataset; a lease replaces the link whenever it has run out. */
  dataset: { url: string; sha256: string }
}

export interface Launched {
  providerRef: string
  /** What was really had, where the provider chose among candidates. */
  machine: { id: string; usdPerHour: number | null; region: string | null } | null
}

export type Inspection =
  | { state: 'present'; phase: 'pending' | 'running'; usdPerHour?: number | null }
  /** `billedSeconds`: how long it cost, where the provider tells. */
  | { state: 'gone'; outcome: Outcome | null; billedSeconds?: number }
  /**
   * There and billed, but nothing more will come of it: it has to be ended. Where `replaceable`, the machine is to blame
   * and another one may fare better.
   */
  | { state: 'spent'; outcome: Outcome; replaceable: boolean }
  /** Another machine's, or the provider does not answer: nothing can be said now. */
  | { state: 'unknown' }

export interface Outcome {
  status: 'succeeded' | 'failed' | 'cancelled' | 'timed_out' | 'lost'
  error?: { code: string; message: string }
  resultPath?: string
}

/** Failures that the bootstrap reports of the machine, not of the training: another machine may fare better. */
export const machineErrorCodes: readonly string[] = ['gpu_unusable']

export interface StampedMachine {
  providerRef: string
  /** The name that carries the stamp. */
  name: string
  createdAt: string | null
  usdPerHour: number | null
  /** What kind it is, and where, as far as the list tells. */
  machine: { id: string; region: string | null } | null
}

export interface Launchers {
  /** Throws `misconfigured` for a provider that this deployment cannot launch on. */
  of(provider: TrainingProvider): Launcher
  find(provider: TrainingProvider): Launcher | null
  readonly all: readonly Launcher[]
}

export function createLaunchers(
  launchers: readonly Launcher[],
  missing: (provider: TrainingProvider) => Error,
): Launchers {
  const byProvider = new Map(launchers.map((launcher) => [launcher.provider, launcher]))
  return {
    all: launchers,
    find: (provider) => byProvider.get(provider) ?? null,
    of(provider) {
      const launcher = byProvider.get(provider)
      if (!launcher) throw missing(provider)
      return launcher
    },
  }
}
