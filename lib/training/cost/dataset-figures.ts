import type { Dataset } from '#lib/training/dataset.types.ts'
import type { EstimateQuestion } from './estimate-question.ts'

/** What an estimate takes from a dataset. */
export function datasetFiguresOf(dataset: Dataset, weight: number): EstimateQuestion['datasets'][number] {
  return {
    name: dataset.name,
    weight,
    totalExamples: dataset.total_examples ?? 0,
    storedBytes: dataset.file_size_bytes ?? 0,
    rawBytes: dataset.raw_size_bytes,
    statistics: dataset.metadata.report?.statistics ?? null,
    storageProvider: dataset.storage_provider,
  }
}
