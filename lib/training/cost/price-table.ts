/**
 * Machines and their prices, shipped for when a provider tells none, compiled on 2026-11-24 in USD an hour, on demand.
 * They are for orientation: every estimate that stands on them says so.
 *
 * Sources: SageMaker training in us-east-1, aws.amazon.com/sagemaker/pricing (G4dn and P3 checked against public copies
 * of that page; it has no price call of its own). Hugging Face, huggingface.co/docs/hub/jobs-pricing (2026-08). RunPod,
 * secure cloud, runpod.io/pricing (2026-05). Lambda, lambda.ai/pricing (2026-08). Colab, compute units at $9.99 a
 * hundred, by the rates that mccormickml.com measured (2026-03). Types whose price was not to be had have none.
 */
import type { MachineOffer } from '#lib/training/launchers/launcher.ts'
import type { TrainingProvider } from '#lib/training/training-config.types.ts'
import { gpuFigures } from './gpu-table.ts'

export const pricesCompiledAt = '2026-11-24T00:00:00.000Z'

/** Id, GPUs, the GPU's name, price. */
type Row = readonly [id: string, count: number, gpu: string, usdPerHour: number | null]

const tables: Readonly<Record<TrainingProvider, readonly Row[]>> = {
  sagemaker: [
    ['ml.g4dn.xlarge', 1, 'T4', 0.736],
    ['ml.g4dn.2xlarge', 1, 'T4', 0.94],
    ['ml.g4dn.12xlarge', 4, 'T4', 4.89],
    ['ml.g6.xlarge', 1, 'L4', 1.127],
    ['ml.g6.2xlarge', 1, 'L4', 1.222],
    ['ml.g5.xlarge', 1, 'A10G', 1.408],
    ['ml.g5.2xlarge', 1, 'A10G', 1.515],
    ['ml.g5.4xlarge', 1, 'A10G', 2.03],
    ['ml.g6e.xlarge', 1, 'L40S', 2.605],
    ['ml.g6e.2xlarge', 1, 'L40S', 2.803],
    ['ml.p3.2xlarge', 1, 'V100', 3.825],
    ['ml.g6.12xlarge', 4, 'L4', 5.752],
    ['ml.g5.12xlarge', 4, 'A10G', 7.09],
    ['ml.g5.24xlarge', 4, 'A10G', 10.18],
    ['ml.g6e.12xlarge', 4, 'L40S', 13.116],
    ['ml.g6.48xlarge', 8, 'L4', 16.688],
    ['ml.g5.48xlarge', 8, 'A10G', 20.36],
    ['ml.p4d.24xlarge', 8, 'A100 40 GB', 25.25],
    ['ml.p4de.24xlarge', 8, 'A100 80 GB', 31.56],
    ['ml.g6e.48xlarge', 8, 'L40S', 37.66],
    ['ml.p5.48xlarge', 8, 'H100', 63.3],
    ['ml.p5.4xlarge', 1, 'H100', null],
    ['ml.g7e.2xlarge', 1, 'RTX PRO 6000', null],
    ['ml.p5en.48xlarge', 8, 'H200', null],
    ['ml.p6-b200.48xlarge', 8, 'B200', null],
  ],
  huggingface: [
    ['t4-small', 1, 'T4', 0.4],
    ['t4-medium', 1, 'T4', 0.6],
    ['l4x1', 1, 'L4', 0.8],
    ['a10g-small', 1, 'A10G', 1],
    ['a10g-large', 1, 'A10G', 1.5],
    ['l40sx1', 1, 'L40S', 1.8],
    ['a100-large', 1, 'A100 80 GB', 2.5],
    ['a10g-largex2', 2, 'A10G', 3],
    ['l4x4', 4, 'L4', 3.8],
    ['a10g-largex4', 4, 'A10G', 5],
    ['h200', 1, 'H200', 5],
    ['l40sx4', 4, 'L40S', 8.3],
    ['a100x4', 4, 'A100 80 GB', 10],
    ['h200x2', 2, 'H200', 10],
    ['a100x8', 8, 'A100 80 GB', 20],
    ['h200x4', 4, 'H200', 20],
    ['l40sx8', 8, 'L40S', 23.5],
    ['h200x8', 8, 'H200', 40],
  ],
  runpod: [
    ['NVIDIA RTX A5000', 1, 'RTX A5000', 0.27],
    ['NVIDIA A40', 1, 'A40', 0.4],
    ['NVIDIA L4', 1, 'L4', 0.44],
    ['NVIDIA GeForce RTX 3090', 1, 'RTX 3090', 0.46],
    ['NVIDIA RTX A6000', 1, 'RTX A6000', 0.49],
    ['NVIDIA GeForce RTX 4090', 1, 'RTX 4090', 0.69],
    ['NVIDIA RTX 6000 Ada Generation', 1, 'RTX 6000 Ada', 0.77],
    ['NVIDIA L40S', 1, 'L40S', 0.86],
    ['NVIDIA GeForce RTX 5090', 1, 'RTX 5090', 0.94],
    ['NVIDIA L40', 1, 'L40', 0.99],
    ['NVIDIA A100 80GB PCIe', 1, 'A100 80 GB', 1.39],
    ['NVIDIA A100-SXM4-80GB', 1, 'A100 80 GB', 1.49],
    ['NVIDIA H100 PCIe', 1, 'H100 PCIe', 2.39],
    ['NVIDIA H100 80GB HBM3', 1, 'H100', 2.69],
    ['NVIDIA H100 NVL', 1, 'H100 NVL', 2.79],
    ['NVIDIA H200', 1, 'H200', 3.59],
    ['NVIDIA B200', 1, 'B200', 5.98],
  ],
  lambda: [
    ['gpu_1x_rtx6000', 1, 'RTX 6000', 0.5],
    ['gpu_1x_a10', 1, 'A10', 0.75],
    ['gpu_1x_a6000', 1, 'RTX A6000', 0.8],
    ['gpu_1x_a100', 1, 'A100 40 GB', 1.29],
    ['gpu_1x_a100_sxm4', 1, 'A100 40 GB', 1.29],
    ['gpu_1x_gh200', 1, 'GH200', 1.49],
    ['gpu_1x_h100_pcie', 1, 'H100 PCIe', 2.49],
    ['gpu_1x_h100_sxm5', 1, 'H100', 3.29],
    ['gpu_8x_v100', 8, 'V100', 4.4],
    ['gpu_1x_b200_sxm6', 1, 'B200', 4.99],
    ['gpu_2x_h100_sxm5', 2, 'H100', 6.38],
    ['gpu_8x_a100', 8, 'A100 40 GB', 10.32],
    ['gpu_4x_h100_sxm5', 4, 'H100', 12.36],
    ['gpu_8x_a100_80gb_sxm4', 8, 'A100 80 GB', 14.32],
    ['gpu_8x_h100_sxm5', 8, 'H100', 23.92],
  ],
  colab: [
    ['T4', 1, 'T4', 0.12],
    ['L4', 1, 'L4', 0.21],
    ['A100', 1, 'A100 40 GB', 0.75],
    ['H100', 1, 'H100', null],
  ],
  local: [],
}

/** The shipped machines of a provider as offers, cheapest first, those without a price last. */
export function listedMachines(provider: TrainingProvider): MachineOffer[] {
  return tables[provider]
    .map(
      ([id, count, gpu, usdPerHour]): MachineOffer => ({
        id,
        label: labelOf(id, count, gpu),
        gpu: { name: gpu, count, memoryGib: gpuFigures(gpu)?.memoryGib ?? null },
        usdPerHour,
        pricedAt: usdPerHour === null ? null : pricesCompiledAt,
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
  return tables[provider].find(([id]) => id === machineId)?.[1] ?? 0
}

/** USD an hour of one machine by the shipped table; null where it has none. */
export function priceOf(provider: TrainingProvider, machineId: string): number | null {
  return tables[provider].find(([id]) => id === machineId)?.[3] ?? null
}
