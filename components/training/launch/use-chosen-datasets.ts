import { useWatch } from 'react-hook-form'
import { useAvailableDatasets } from './launch-queries.ts'
import type { LaunchInput } from './launch-values.ts'

/** The chosen datasets, in the order of their choice, as far as they are known. */
export function useChosenDatasets() {
  const [provider, method, consent, chosen] = useWatch<
    LaunchInput,
    ['provider', 'method', 'allow_cross_storage', 'datasets']
  >({ name: ['provider', 'method', 'allow_cross_storage', 'datasets'] })
  const query = { training_provider: provider, method, allow_cross_storage: consent }
  const { data } = useAvailableDatasets(query)
  return (chosen ?? []).flatMap(({ dataset_id }) => data?.datasets.find(({ id }) => id === dataset_id) ?? [])
}
