'use client'

import { useEffect } from 'react'
import { useFormContext } from 'react-hook-form'
import { Button } from '#components/ui/button.tsx'
import { formatMoney } from '#lib/display/number-format.ts'
import { formatDuration } from '#lib/display/time-format.ts'
import type { LaunchInput } from '../launch-values.ts'
import { NumberInput } from '../NumberInput.tsx'
import { useEstimate } from '../use-estimate.ts'

/** Where the training is stopped, whatever the estimate said. */
export function LimitFields({ bills }: { bills: boolean }) {
  const { setValue } = useFormContext<LaunchInput>()
  const { estimate } = useEstimate()
  const seconds = bills ? estimate?.suggested_max_runtime_seconds : undefined
  const minutes = seconds === undefined ? null : Math.min(40_320, Math.ceil(seconds / 60))
  return (
    <div className="grid gap-5 sm:grid-cols-2">
      {bills && <BudgetField suggested={estimate?.suggested_budget_usd ?? null} />}
      <NumberInput
        field={{
          path: 'max_runtime_minutes',
          label: 'Longest runtime',
          about: (
            <>
              In minutes; the job is stopped then. Empty: {bills ? 'a day' : 'no limit'}.{' '}
              {minutes !== null && (
                <Button
                  variant="link"
                  className="text-xs"
                  onClick={() =>
                    setValue('max_runtime_minutes', minutes, { shouldDirty: true, shouldValidate: true })
                  }
                >
                  Use {formatDuration(minutes * 60)}
                </Button>
              )}
            </>
          ),
          optional: true,
          step: 1,
          min: 1,
          max: 40_320,
          bounds: 'From 1 to 40,320.',
        }}
      />
    </div>
  )
}

/** Follows the estimate until somebody types an amount, or clears it. */
function BudgetField({ suggested }: { suggested: number | null }) {
  const { setValue, formState, getValues } = useFormContext<LaunchInput>()
  const { dirtyFields, touchedFields, defaultValues } = formState
  // One that was emptied is not dirty, but somebody has been there.
  const typed = Boolean(dirtyFields.budget_limit || touchedFields.budget_limit || defaultValues?.budget_limit)
  useEffect(() => {
    if (!typed && suggested !== null && getValues('budget_limit') !== suggested)
      setValue('budget_limit', suggested)
  }, [typed, suggested, setValue, getValues])
  return (
    <NumberInput
      field={{
        path: 'budget_limit',
        label: 'Budget',
        about: (
          <>
            In USD. The machine is ended when it has cost so much; you are warned at 80 %. Empty: no limit.{' '}
            {typed && suggested !== null && (
              <Button
                variant="link"
                className="text-xs"
                onClick={() =>
                  setValue('budget_limit', suggested, { shouldDirty: true, shouldValidate: true })
                }
              >
                Use {formatMoney(suggested)}
              </Button>
            )}
          </>
        ),
        optional: true,
        step: 'any',
        min: 0,
        max: 1_000_000,
        bounds: 'Above 0, at most 1,000,000.',
      }}
    />
  )
}
