/**
 * Machines and what they cost, in USD an hour, on demand, as each launcher's `facts.types.ts` lists them. These are fallbacks, for when a provider tells no price of its
 * own: every estimate that stands on one says so, and from when it is. RunPod, Lambda and Hugging Face are asked first;
 * SageMaker and Colab have nobody to ask. No price here was read from a provider's own account page.
 *
 * Each price bears the day for which it could be shown, and where:
 * - Hugging Face: the vendor's page, docs/hub/jobs-pricing.md in huggingface/hub-docs, read on 2026-11-27. All of them.
 * - Lambda: lambda.ai/instances as api-evangelist/lambda-labs transcribed it on 2026-09-20 (per GPU there, times the
 *   GPUs here); tgarg01/silybench-data has the same for nine of them on 2026-09-25.
 * - RunPod, secure cloud: runpod.io/pricing as others transcribed it, on the day that the row names.
 * - SageMaker training in us-east-1: G4dn and P3 in public copies of aws.amazon.com/sagemaker/pricing; G5 and G6 as
 *   several public projects state them alike, G6e as one does. P4d and P5 are reckoned: EC2's price of 2026-11 (datareceipts/data-receipts)
 *   with the 15 % that SageMaker asked on top of EC2 before. None bears a day of its own: they count as of 2026-11-27.
 * A type whose price could not be shown has none.
 */
import { factOfEach } from '#lib/training/launchers/all-facts.types.ts'
import type { PriceList, PriceRow } from '#lib/training/launchers/facts.types.ts'
import type { MachineOffer } from '#lib/training/launchers/launcher.ts'
import type { TrainingProvider } from '#lib/training/training-config.types.ts'
import { gpuFigures } from './gpu-table.ts'

const tables: Readonly<Record<TrainingProvider, PriceList>> = factOfEach('prices')

/** The shipped machines of a provider as offers, cheapest first, those without a price last. */
export function listedMachines(provider: TrainingProvider): MachineOffer[] {
  return tables[provider].rows
    .map(
      ([id, count, gpu, usdPerHour]): MachineOffer => ({
        id,
        label: labelOf(id, count, gpu),
        gpu: { name: gpu, count, memoryGib: gpuFigures(gpu)?.memoryGib ?? null },
        usdPerHour,
        pricedAt: pricedAtOf(provider, id),
        priceSource: 'table',
        stock: 'unknown',
        regions: [],
      }),
    )
    .sort((a, b) => (a.usdPerHour ?? Number.POSITIVE_INFINITY) - (b.usdPerHour ?? Number.POSITIVE_INFINITY))
}

/** Where the id is the name of a GPU: its short name with its memory. */
function labelOf(id: string, count: number, gpu: string): string {
  if (id === gpu) return id
  if (!id.startsWith('NVIDIA ')) return `${id} (${count} x ${gpu})`
  const memoryGib = gpuFigures(gpu)?.memoryGib
  return memoryGib && !gpu.includes('GB') ? `${gpu}, ${memoryGib} GB` : gpu
}

/** How many GPUs a machine of the shipped table has; 0 for one that is not in it. */
export function gpusOf(provider: TrainingProvider, machineId: string): number {
  return rowOf(provider, machineId)?.[1] ?? 0
}

/** USD an hour of one machine by the shipped table; null where it has none. */
export function priceOf(provider: TrainingProvider, machineId: string): number | null {
  return rowOf(provider, machineId)?.[3] ?? null
}

/** The day for which the shipped price could be shown, as a time; null where there is no price. */
export function pricedAtOf(provider: TrainingProvider, machineId: string): string | null {
  const row = rowOf(provider, machineId)
  if (!row || row[3] === null) return null
  return `${row[4] ?? tables[provider].pricedOn}T00:00:00.000Z`
}

const rowOf = (provider: TrainingProvider, machineId: string): PriceRow | undefined =>
  tables[provider].rows.find(([id]) => id === machineId)
