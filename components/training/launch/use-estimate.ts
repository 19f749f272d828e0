import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useWatch } from 'react-hook-form'
import { browserApi } from '#lib/client/browser-api.ts'
import { estimateTraining } from '#lib/client/estimates.ts'
import { estimateRequestSchema } from '#lib/training/cost/estimate.types.ts'
import { capabilitiesOf } from '#lib/training/launchers/all-facts.types.ts'
import type { LaunchInput } from './launch-values.ts'
import { estimatedMachine, type MachineValues } from './machine/machine-values.ts'
import { useSettled } from './use-settled.ts'

/** The estimate of the form as it stands; none is asked for while something in it is not right. */
export function useEstimate() {
  const { provider = 'local', machine, ...values } = useWatch<LaunchInput>() as Partial<LaunchInput>
  const asked = estimateRequestSchema.safeParse({
    provider,
    base_model: values.base_model,
    method: values.method,
    trainer: values.trainer,
    hyperparameters: values.hyperparameters,
    datasets: values.datasets,
    ...(machine && estimatedMachine(provider, machine as MachineValues)),
  })
  const wanted = JSON.stringify(asked.data ?? null)
  const request = useSettled(wanted, 400)
  const query = useQuery({
    queryKey: ['estimate', request],
    queryFn: ({ signal }) => estimateTraining(browserApi, JSON.parse(request), signal),
    enabled: request !== 'null' && !capabilitiesOf(provider).onThisMachine,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })
  // What is still shown may be of another machine, or another provider.
  const current = wanted === request && !query.isPlaceholderData && !capabilitiesOf(provider).onThisMachine
  return {
    query,
    estimate: current ? query.data : undefined,
    /** Nobody has named a machine: the one in the estimate is what a launch will ask for. */
    chosenByEstimate: asked.data?.machine === undefined,
  }
}
