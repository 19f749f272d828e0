import type { z } from 'zod'
import type { SecretProvider } from '#lib/secrets/secret.types.ts'
import type { StorageProvider } from '#lib/storage/storage-provider.types.ts'
import type { Range } from '#lib/training/cost/estimate.types.ts'

/**
 * What the application knows of a place to train without asking it: data that a screen, a rule and an estimate read
 * alike.
 */
export interface LauncherFacts {
  readonly label: string
  /** Its own fields of a deploy call, beside those that all have. */
  readonly options: z.ZodObject
  /** The secret that opens a user's account; null where there is no account. */
  readonly secret: SecretProvider | null
  /** The setting that leads to another address, and of what; null where nothing is asked. */
  readonly address: { readonly setting: string; readonly of: string } | null
  readonly capabilities: LauncherCapabilities
  readonly data: DataNeeds
  /** From the request to the first byte of data: the machine, its image, the trainer's packages. Hours, by experience. */
  readonly startUpHours: Range
  /** What spot machines cost of the full price; null where none are launched. */
  readonly spotPriceShare: Range | null
  readonly prices: PriceList
  /** What is rented is called there. */
  readonly machine: string
  /** What cancelling does, before it is done. */
  readonly whenCancelled: string
}

export interface LauncherCapabilities {
  /** Runs where this application runs, and so reads its disk's links. */
  readonly onThisMachine: boolean
  /** Costs money while it runs: it gets a maximum runtime and a budget, and the reconciler enforces both. */
  readonly bills: boolean
  /** Whether waiting for the machine costs as well; absent: it does. */
  readonly billsWhilePending?: boolean
  /** Who starts the runner: we, or a person (a notebook that is opened by hand). */
  readonly startedBy: 'us' | 'person'
  /** How the runner gets its data: signed links through its lease, or an S3 URI that the provider mounts. */
  readonly data: 'lease' | 's3'
  /** Whether a job without a reachable control plane can run detached, with a link made at launch. */
  readonly canDetach: boolean
  /** Who keeps checkpoints and the result: we, in a store, or the provider, in a place of its own. */
  readonly results: 'ours' | 'own'
  /** Whether the provider ends the machine itself after the maximum runtime. */
  readonly enforcesRuntime: boolean
  /** Whether a job may get another machine for one that is to blame; absent: it may. */
  readonly replaceable?: boolean
  /**
   * Whether the machine ends by itself when the runner does. It then gets a few minutes to do so, in which the provider
   * may save what it saves; absent or false: it is ended as soon as the runner has told its end.
   */
  readonly endsItself?: boolean
}

/** How a trainer gets at its data. */
export interface DataNeeds {
  /** Where it runs decides what it can reach: `https` fetches signed links, `s3` reads s3:// only, `disk` is this machine. */
  readonly reads: 'https' | 's3' | 'disk'
  /** The stores whose datasets it is offered without a word. */
  readonly home: readonly StorageProvider[]
}

/** Prices for when the provider tells none, USD an hour, on demand; `cost/price-table.ts` says where they are from. */
export interface PriceList {
  readonly pricedOn: string
  readonly rows: readonly PriceRow[]
}

/** Id, GPUs, the GPU's name, price, and the day of the price where it is not that of the list. */
export type PriceRow = readonly [
  id: string,
  count: number,
  gpu: string,
  usdPerHour: number | null,
  pricedOn?: string,
]

export const untilVerified = (label: string) =>
  `Its link and its token are taken back at once. It counts as cancelled when ${label} has verified that nothing of it runs; until then it costs.`
