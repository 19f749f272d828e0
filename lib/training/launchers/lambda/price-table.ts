import type { MachineOffer } from '../launcher.ts'

const compiledAt = '2026-11-23T00:00:00Z'

const type = (
  id: string,
  name: string,
  count: number,
  memoryGib: number,
  usdPerHour: number,
): MachineOffer => ({
  id,
  label: `${count}x ${name} (${memoryGib} GB)`,
  gpu: { name, count, memoryGib },
  usdPerHour,
  pricedAt: compiledAt,
  priceSource: 'table',
  stock: 'unknown',
  regions: [],
})

/** Rough list prices an instance-hour, for when the list of instance types cannot be read. */
export const priceTable: readonly MachineOffer[] = [
  type('gpu_1x_a10', 'A10', 1, 24, 0.75),
  type('gpu_1x_a6000', 'RTX A6000', 1, 48, 0.8),
  type('gpu_1x_a100_sxm4', 'A100 SXM4', 1, 40, 1.29),
  type('gpu_1x_gh200', 'GH200', 1, 96, 1.49),
  type('gpu_1x_h100_pcie', 'H100 PCIe', 1, 80, 2.49),
  type('gpu_1x_h100_sxm5', 'H100 SXM5', 1, 80, 3.29),
  type('gpu_8x_a100_80gb_sxm4', 'A100 SXM4', 8, 80, 14.32),
  type('gpu_8x_h100_sxm5', 'H100 SXM5', 8, 80, 23.92),
]
