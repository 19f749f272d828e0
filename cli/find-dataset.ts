import { z } from 'zod'
import type { ApiConnection } from '#lib/client/api-connection.ts'
import { getDataset, listDatasets } from '#lib/client/datasets.ts'
import { invalid, notFound } from '#lib/errors/app-error.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'

/** A dataset by its id, or by its name where only one has it. */
export async function findDataset(
  api: ApiConnection,
  idOrName: string,
  signal: AbortSignal,
): Promise<Dataset> {
  if (z.uuid().safeParse(idOrName).success) return getDataset(api, idOrName, signal)
  const { datasets } = await listDatasets(api, { search: idOrName, limit: 200 }, signal)
  const named = datasets.filter(({ name }) => name === idOrName)
  if (named.length > 1) {
    const ids = named.map(({ id, created_at }) => `${id} of ${created_at.slice(0, 10)}`)
    throw invalid('ambiguous_name', `${named.length} datasets have this name: give an id`, ids)
  }
  if (named[0]) return named[0]
  throw notFound('dataset_not_found', `There is no dataset called "${idOrName}"`)
}
