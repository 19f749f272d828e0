import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useWatch } from 'react-hook-form'
import { browserApi } from '#lib/client/browser-api.ts'
import { estimateTraining } from '#lib/client/estimates.ts'
import { estimateRequestSchema } from '#lib/training/cost/estimate.types.ts'
import type { LaunchInput } from './launch-values.ts'
import { useSettled } from './use-settled.ts'

/** The estimate of the form as it stands; none is asked for while something in it is not right. */
export function useEstimate() {
  const values = useWatch<LaunchInput>()
  const { provider, base_model, method, trainer, hyperparameters, datasets } = values
  const asked = estimateRequestSchema.safeParse({
    provider,
    base_model,
    method,
    trainer,
    hyperparameters,
    datasets,
  })
  const request = useSettled(JSON.stringify(asked.data ?? null), 400)
  return useQuery({
    queryKey: ['estimate', request],
    queryFn: ({ signal }) => estimateTraining(browserApi, JSON.parse(request), signal),
    enabled: request !== 'null' && provider !== 'local',
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })
}
