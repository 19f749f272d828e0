import type { StorageProvider } from '#lib/storage/storage-provider.types.ts'
import type { MachineOffer } from '#lib/training/launchers/launcher.ts'
import type { TrainingConfig, TrainingMethod, TrainingProvider } from '#lib/training/training-config.types.ts'
import type { DatasetFigures } from './dataset-tokens.ts'

/** All that an estimate is made from. */
export interface EstimateQuestion {
  provider: TrainingProvider
  config: Pick<TrainingConfig, 'base_model' | 'method' | 'trainer' | 'hyperparameters'>
  datasets: readonly (DatasetFigures & { storageProvider: StorageProvider })[]
  /** What the provider offers now; its own list, or the shipped one. Empty for this machine. */
  offers: readonly MachineOffer[]
  /** Id of the chosen machine; null: the cheapest that fits. */
  machine: string | null
  machineCount: number
  /** Of the disk that a person chose; null where nobody does. */
  volumeGb: number | null
  spot: boolean
  /** What earlier trainings of the same owner reached. */
  measured: readonly MeasuredThroughput[]
  now: Date
}

/** One training that ended well, or a mean of several. */
export interface MeasuredThroughput {
  baseModel: string
  method: TrainingMethod
  /** The provider's id of the machine, and how many GPUs there were. */
  machine: string
  gpuCount: number
  tokensPerSecond: number
}
