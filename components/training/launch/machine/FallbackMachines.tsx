'use client'

import { X } from 'lucide-react'
import { useId } from 'react'
import { NativeSelect } from '#components/ui/native-select.tsx'
import { formatMoney } from '#lib/display/number-format.ts'
import type { Offer } from '#lib/training/compatibility.types.ts'

interface FallbackMachinesProps {
  offers: readonly Offer[]
  /** The chosen one, and those that are tried after it. */
  machines: readonly string[]
  machinesMax: number
  onMachines: (machines: string[]) => void
}

/** Machines that are tried, in their order, when the chosen one has no room. */
export function FallbackMachines({ offers, machines, machinesMax, onMachines }: FallbackMachinesProps) {
  const id = useId()
  const others = machines.slice(1)
  const labelOf = (machine: string) => offers.find((offer) => offer.id === machine)?.label ?? machine
  const left = offers.filter((offer) => !machines.includes(offer.id))
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="font-medium">
        When it has no room, try
      </label>
      {others.length > 0 && (
        <ol className="flex flex-wrap gap-1.5">
          {others.map((machine, index) => (
            <li key={machine} className="flex items-center gap-1 rounded-md border bg-muted pl-2 text-xs">
              {index + 1}. {labelOf(machine)}
              <button
                type="button"
                aria-label={`Do not try ${labelOf(machine)}`}
                className="grid size-7 place-items-center rounded-md text-muted-foreground hover:bg-hover hover:text-foreground pointer-coarse:size-9"
                onClick={() => onMachines(machines.filter((one) => one !== machine))}
              >
                <X aria-hidden className="size-3.5" />
              </button>
            </li>
          ))}
        </ol>
      )}
      <NativeSelect
        id={id}
        aria-describedby={`${id}-about`}
        className="max-w-80"
        value=""
        disabled={machines.length >= machinesMax || left.length === 0}
        onChange={({ target }) => target.value && onMachines([...machines, target.value])}
      >
        <option value="">Add another</option>
        {left.map((offer) => (
          <option key={offer.id} value={offer.id}>
            {offer.usd_per_hour === null
              ? offer.label
              : `${offer.label}, ${formatMoney(offer.usd_per_hour)} an hour`}
          </option>
        ))}
      </NativeSelect>
      <p id={`${id}-about`} className="text-muted-foreground text-xs">
        Without another one the launch waits and asks again, for a day at most. The job’s page says so.
      </p>
    </div>
  )
}
