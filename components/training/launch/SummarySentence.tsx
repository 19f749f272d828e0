'use client'

import { useWatch } from 'react-hook-form'
import { capabilitiesOf } from '#lib/training/launchers/all-facts.types.ts'
import { useOffers } from './launch-queries.ts'
import type { LaunchInput } from './launch-values.ts'
import { estimatedMachine, type MachineValues } from './machine/machine-values.ts'
import { machineName } from './machine/offer-source.ts'
import { summaryWords } from './summary-words.ts'
import { useChosenDatasets } from './use-chosen-datasets.ts'
import { useEstimate } from './use-estimate.ts'

export function SummarySentence() {
  const values = useWatch<LaunchInput>()
  const datasets = useChosenDatasets()
  const { estimate } = useEstimate()
  const { provider = 'local', hyperparameters: settings } = values
  const offers = useOffers(provider).data?.offers
  const offer = offers?.find(({ id }) => id === estimate?.machine)
  const count = values.machine ? estimatedMachine(provider, values.machine as MachineValues).machine_count : 1
  const words = summaryWords({
    provider,
    method: values.method ?? 'sft',
    trainer: values.trainer ?? 'smoke',
    baseModel: values.base_model ?? '',
    lora: Boolean(settings?.lora),
    epochs: settings?.epochs || 0,
    maxSteps: settings?.max_steps || null,
    datasets,
    machine: estimate && (offer ? machineName(offer, count) : estimate.label),
    estimate,
    budget: values.budget_limit ?? null,
  })
  return (
    <p className="break-words text-base">
      {words} {capabilitiesOf(provider).onThisMachine && 'It costs nothing.'}
      {values.detached && 'It runs detached: no live curves.'}
    </p>
  )
}
