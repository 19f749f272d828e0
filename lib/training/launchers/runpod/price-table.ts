import type { MachineOffer } from '../launcher.ts'

const compiledAt = '2026-11-23T00:00:00Z'

const gpu = (id: string, name: string, memoryGib: number, usdPerHour: number): MachineOffer => ({
  id,
  label: `${name}, ${memoryGib} GB`,
  gpu: { name, count: 1, memoryGib },
  usdPerHour,
  pricedAt: compiledAt,
  priceSource: 'table',
  stock: 'unknown',
  regions: [],
})

/** Rough list prices a GPU-hour on RunPod's secure cloud, for when the catalogue cannot be read. */
export const priceTable: readonly MachineOffer[] = [
  gpu('NVIDIA RTX A6000', 'RTX A6000', 48, 0.49),
  gpu('NVIDIA GeForce RTX 4090', 'RTX 4090', 24, 0.69),
  gpu('NVIDIA L40S', 'L40S', 48, 0.86),
  gpu('NVIDIA A100 80GB PCIe', 'A100 PCIe', 80, 1.39),
  gpu('NVIDIA A100-SXM4-80GB', 'A100 SXM', 80, 1.49),
  gpu('NVIDIA H100 80GB HBM3', 'H100 SXM', 80, 2.69),
  gpu('NVIDIA H200', 'H200 SXM', 141, 3.59),
  gpu('NVIDIA B200', 'B200', 180, 5.19),
]
