/**
 * Machines and what they cost, in USD an hour, on demand. These are fallbacks, for when a provider tells no price of its
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
import type { MachineOffer } from '#lib/training/launchers/launcher.ts'
import type { TrainingProvider } from '#lib/training/training-config.types.ts'
import { gpuFigures } from './gpu-table.ts'

/** Id, GPUs, the GPU's name, price, and the day of the price where it is not that of the table. */
type Row = readonly [id: string, count: number, gpu: string, usdPerHour: number | null, pricedOn?: string]

interface PriceList {
  pricedOn: string
  rows: readonly Row[]
}

const tables: Readonly<Record<TrainingProvider, PriceList>> = {
  sagemaker: {
    pricedOn: '2026-11-27',
    rows: [
      ['ml.g4dn.xlarge', 1, 'T4', 0.736],
      ['ml.g4dn.2xlarge', 1, 'T4', 0.94],
      ['ml.g4dn.12xlarge', 4, 'T4', 4.89],
      ['ml.g6.xlarge', 1, 'L4', 1.127],
      ['ml.g6.2xlarge', 1, 'L4', 1.222],
      ['ml.g5.xlarge', 1, 'A10G', 1.408],
      ['ml.g5.2xlarge', 1, 'A10G', 1.515],
      ['ml.g5.4xlarge', 1, 'A10G', 2.03],
      ['ml.g6e.2xlarge', 1, 'L40S', 2.8],
      ['ml.p3.2xlarge', 1, 'V100', 3.825],
      ['ml.g6.12xlarge', 4, 'L4', 5.752],
      ['ml.g5.12xlarge', 4, 'A10G', 7.09],
      ['ml.g5.24xlarge', 4, 'A10G', 10.18],
      ['ml.g6e.12xlarge', 4, 'L40S', 13.12],
      ['ml.g5.48xlarge', 8, 'A10G', 20.36],
      ['ml.p4d.24xlarge', 8, 'A100 40 GB', 25.25],
      ['ml.p5.48xlarge', 8, 'H100', 63.3],
      ['ml.g6e.xlarge', 1, 'L40S', null],
      ['ml.g6.48xlarge', 8, 'L4', null],
      ['ml.g6e.48xlarge', 8, 'L40S', null],
      ['ml.p4de.24xlarge', 8, 'A100 80 GB', null],
      ['ml.p5.4xlarge', 1, 'H100', null],
      ['ml.g7e.2xlarge', 1, 'RTX PRO 6000', null],
      ['ml.p5en.48xlarge', 8, 'H200', null],
      ['ml.p6-b200.48xlarge', 8, 'B200', null],
    ],
  },
  huggingface: {
    pricedOn: '2026-11-27',
    rows: [
      ['t4-small', 1, 'T4', 0.4],
      ['t4-medium', 1, 'T4', 0.6],
      ['l4x1', 1, 'L4', 0.8],
      ['a10g-small', 1, 'A10G', 1],
      ['a10g-large', 1, 'A10G', 1.5],
      ['l40sx1', 1, 'L40S', 1.8],
      ['a100-large', 1, 'A100 80 GB', 2.5],
      ['rtx-pro-6000', 1, 'RTX PRO 6000', 2.75],
      ['a10g-largex2', 2, 'A10G', 3],
      ['l4x4', 4, 'L4', 3.8],
      ['a10g-largex4', 4, 'A10G', 5],
      ['h200', 1, 'H200', 5],
      ['rtx-pro-6000x2', 2, 'RTX PRO 6000', 5.5],
      ['l40sx4', 4, 'L40S', 8.3],
      ['a100x4', 4, 'A100 80 GB', 10],
      ['h200x2', 2, 'H200', 10],
      ['rtx-pro-6000x4', 4, 'RTX PRO 6000', 11],
      ['a100x8', 8, 'A100 80 GB', 20],
      ['h200x4', 4, 'H200', 20],
      ['rtx-pro-6000x8', 8, 'RTX PRO 6000', 22],
      ['l40sx8', 8, 'L40S', 23.5],
      ['h200x8', 8, 'H200', 40],
    ],
  },
  runpod: {
    pricedOn: '2026-09-25',
    rows: [
      ['NVIDIA A40', 1, 'A40', 0.44, '2026-08-19'],
      ['NVIDIA GeForce RTX 4090', 1, 'RTX 4090', 0.74],
      ['NVIDIA L40S', 1, 'L40S', 1.09],
      ['NVIDIA A100 80GB PCIe', 1, 'A100 80 GB', 1.79, '2026-11-09'],
      ['NVIDIA A100-SXM4-80GB', 1, 'A100 80 GB', 1.79, '2026-11-09'],
      ['NVIDIA H100 PCIe', 1, 'H100 PCIe', 2.89, '2026-11-09'],
      ['NVIDIA H100 NVL', 1, 'H100 NVL', 3.19, '2026-11-09'],
      ['NVIDIA H100 80GB HBM3', 1, 'H100', 3.99, '2026-11-09'],
      ['NVIDIA H200', 1, 'H200', 4.59, '2026-10-07'],
      ['NVIDIA B200', 1, 'B200', 6.79, '2026-10-07'],
      ['NVIDIA RTX A5000', 1, 'RTX A5000', null],
      ['NVIDIA L4', 1, 'L4', null],
      ['NVIDIA GeForce RTX 3090', 1, 'RTX 3090', null],
      ['NVIDIA RTX A6000', 1, 'RTX A6000', null],
      ['NVIDIA RTX 6000 Ada Generation', 1, 'RTX 6000 Ada', null],
      ['NVIDIA GeForce RTX 5090', 1, 'RTX 5090', null],
      ['NVIDIA L40', 1, 'L40', null],
    ],
  },
  lambda: {
    pricedOn: '2026-09-20',
    rows: [
      ['gpu_1x_rtx6000', 1, 'RTX 6000', 0.69],
      ['gpu_1x_a6000', 1, 'RTX A6000', 1.09],
      ['gpu_1x_a10', 1, 'A10', 1.29],
      ['gpu_1x_a100', 1, 'A100 40 GB', 1.99],
      ['gpu_1x_a100_sxm4', 1, 'A100 40 GB', 1.99],
      ['gpu_1x_gh200', 1, 'GH200', 2.29],
      ['gpu_1x_h100_pcie', 1, 'H100 PCIe', 3.29],
      ['gpu_1x_h100_sxm5', 1, 'H100', 4.29],
      ['gpu_8x_v100', 8, 'V100', 6.32],
      ['gpu_1x_b200_sxm6', 1, 'B200', 6.99],
      ['gpu_2x_h100_sxm5', 2, 'H100', 8.38],
      ['gpu_8x_a100', 8, 'A100 40 GB', 15.92],
      ['gpu_4x_h100_sxm5', 4, 'H100', 16.36],
      ['gpu_8x_a100_80gb_sxm4', 8, 'A100 80 GB', 22.32],
      ['gpu_8x_h100_sxm5', 8, 'H100', 31.92],
    ],
  },
  // Compute units, whose use an hour nobody states.
  colab: {
    pricedOn: '2026-11-27',
    rows: [
      ['T4', 1, 'T4', null],
      ['L4', 1, 'L4', null],
      ['A100', 1, 'A100 40 GB', null],
      ['H100', 1, 'H100', null],
    ],
  },
  local: { pricedOn: '2026-11-27', rows: [] },
}

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

const rowOf = (provider: TrainingProvider, machineId: string): Row | undefined =>
  tables[provider].rows.find(([id]) => id === machineId)
