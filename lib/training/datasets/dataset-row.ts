import type { Selectable } from 'kysely'
import type { DatabaseSchema } from '#lib/db/schema.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'

type DatasetRow = Selectable<DatabaseSchema['training_datasets']>

/** A row as the API shows it. */
export function datasetOfRow(row: DatasetRow): Dataset {
  return {
    ...row,
    metadata: row.metadata as Dataset['metadata'],
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  }
}
