import type { Selectable } from 'kysely'
import type { DatabaseSchema } from '#lib/db/schema.ts'
import { hyperparametersSchema, type TrainingConfig } from '#lib/training/training-config.types.ts'

/** A row as the API shows it; hyperparameters that came later take their defaults. */
export function configOfRow(row: Selectable<DatabaseSchema['training_configs']>): TrainingConfig {
  return {
    ...row,
    hyperparameters: hyperparametersSchema.parse(row.hyperparameters),
    datasets: row.datasets as TrainingConfig['datasets'],
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  }
}
