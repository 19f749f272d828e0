import type { MachineOffer } from '#lib/training/launchers/launcher.ts'
import type { Estimate } from './estimate.types.ts'
import type { EstimateQuestion } from './estimate-question.ts'
import { type GpuFigures, gpuFigures } from './gpu-table.ts'
import { listedMachines, pricedAtOf, priceOf } from './price-table.ts'

/** An offer as the estimate reckons with it, times the machines that were asked for. */
export interface Machine {
  id: string | null
  label: string
  usdPerHour: number | null
  price: Estimate['price']
  stock: MachineOffer['stock']
  gpuCount: number
  /** Of each GPU; null where nobody knows. */
  memoryGib: number | null
  /** What the GPU can do; where nobody knows which it is, the slowest and the fastest that it may be. */
  gpus: readonly GpuFigures[]
  gpuKnown: boolean
}

/** Where a GPU is not in the table: something between these. */
const unknownGpu = [gpuFigures('T4')!, gpuFigures('RTX 4090')!]

/** This machine has no price and no name; what is in it is not known here. */
export const thisMachine: Machine = {
  id: null,
  label: 'This machine',
  usdPerHour: 0,
  price: null,
  stock: 'high',
  gpuCount: 1,
  memoryGib: null,
  gpus: unknownGpu,
  gpuKnown: false,
}

/** Where the provider could not be asked, the machines that we ship a list of. */
export function machinesOf({ provider, offers, machineCount, now }: EstimateQuestion): Machine[] {
  const known = offers.length > 0 ? offers : listedMachines(provider)
  return known.flatMap((offer): Machine[] => {
    if (!offer.gpu) return []
    const figures = gpuFigures(offer.gpu.name) ?? gpuFigures(offer.label)
    const listed = priceOf(provider, offer.id)
    const usdPerHour = offer.usdPerHour ?? listed
    const told = offer.usdPerHour !== null
    const at = told ? (offer.pricedAt ?? now.toISOString()) : pricedAtOf(provider, offer.id)
    return [
      {
        id: offer.id,
        label: machineCount > 1 ? `${machineCount} x ${offer.label}` : offer.label,
        usdPerHour: usdPerHour === null ? null : usdPerHour * machineCount,
        price: usdPerHour === null || at === null ? null : { source: told ? offer.priceSource : 'table', at },
        stock: offer.stock,
        gpuCount: offer.gpu.count * machineCount,
        memoryGib: offer.gpu.memoryGib ?? figures?.memoryGib ?? null,
        gpus: figures ? [figures] : unknownGpu,
        gpuKnown: figures !== null,
      },
    ]
  })
}
