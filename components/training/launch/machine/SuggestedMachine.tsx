'use client'

import { type RefObject, useEffect } from 'react'
import { useEstimate } from '../use-estimate.ts'

/** Keeps at hand which machine the estimate has chosen, for a launch without a choice of one's own; shows nothing. */
export function SuggestedMachine({ machine }: { machine: RefObject<string | null> }) {
  const { estimate, chosenByEstimate } = useEstimate()
  const suggested = chosenByEstimate ? (estimate?.machine ?? null) : null
  useEffect(() => {
    machine.current = suggested
  }, [machine, suggested])
  return null
}
