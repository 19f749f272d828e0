'use client'

import { formatMoney } from '#lib/display/number-format.ts'
import { useEstimate } from '../use-estimate.ts'
import { ChoiceRow } from './MachineRow.tsx'

/** Leaves the choice to the estimate, and says what that is now. */
export function CheapestRow({ value }: { value: string }) {
  const { estimate, chosenByEstimate } = useEstimate()
  const found = chosenByEstimate && estimate?.machine ? estimate : null
  return (
    <ChoiceRow
      value={value}
      label="The cheapest that fits"
      about={found ? found.label : 'Follows from the model and the data.'}
      price={
        found?.usd_per_hour != null && (
          <>
            {formatMoney(found.usd_per_hour)} <span className="text-muted-foreground">an hour</span>
          </>
        )
      }
    />
  )
}
