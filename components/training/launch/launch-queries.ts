import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { browserApi } from '#lib/client/browser-api.ts'
import { type AvailableQuery, getDataset, listAvailableDatasets } from '#lib/client/datasets.ts'
import { getJob, listOffers, listTrainingProviders } from '#lib/client/jobs.ts'
import { getTrainingConfig, listTrainingConfigs } from '#lib/client/training-configs.ts'
import type { ProviderState } from '#lib/training/compatibility.types.ts'
import type { TrainingProvider } from '#lib/training/training-config.types.ts'
import {
  firstValues,
  type LaunchInput,
  valuesOfConfig,
  valuesOfDataset,
  valuesOfJob,
} from './launch-values.ts'

export function useTrainingProviders() {
  return useQuery({
    queryKey: ['training-providers'],
    queryFn: ({ signal }) => listTrainingProviders(browserApi, signal),
    staleTime: 60_000,
  })
}

/** Machines to choose from there. */
export function useOffers(provider: TrainingProvider) {
  return useQuery({
    queryKey: ['training-offers', provider],
    queryFn: ({ signal }) => listOffers(browserApi, provider, signal),
    staleTime: 60_000,
  })
}

/** What is known of one provider, once it is. */
export function useProviderState(provider: TrainingProvider): ProviderState | undefined {
  return useTrainingProviders().data?.providers.find((state) => state.provider === provider)
}

export function useAvailableDatasets(query: AvailableQuery) {
  return useQuery({
    queryKey: ['datasets', 'available', query],
    queryFn: ({ signal }) => listAvailableDatasets(browserApi, query, signal),
    placeholderData: keepPreviousData,
  })
}

export function useSavedConfigs() {
  return useQuery({
    queryKey: ['training-configs'],
    queryFn: ({ signal }) => listTrainingConfigs(browserApi, signal),
  })
}

/** What a form begins with: nothing, a dataset, a saved configuration, or a job that is run again. */
export type LaunchOrigin = { kind: 'blank' } | { kind: 'dataset' | 'config' | 'job'; id: string }

export interface LaunchStart {
  values: LaunchInput
  /** The saved configuration that the values are. */
  config: { id: string; name: string } | null
}

export function useLaunchStart(origin: LaunchOrigin) {
  return useQuery({
    queryKey: ['launch-start', origin],
    queryFn: ({ signal }) => readStart(origin, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
}

async function readStart(origin: LaunchOrigin, signal: AbortSignal): Promise<LaunchStart> {
  if (origin.kind === 'blank') return { values: firstValues, config: null }
  if (origin.kind === 'job')
    return { values: valuesOfJob(await getJob(browserApi, origin.id, signal)), config: null }
  if (origin.kind === 'dataset')
    return { values: valuesOfDataset(await getDataset(browserApi, origin.id, signal)), config: null }
  const config = await getTrainingConfig(browserApi, origin.id, signal)
  return { values: valuesOfConfig(config), config: { id: config.id, name: config.name } }
}
