'use client'

import { useFormContext } from 'react-hook-form'
import type { ProviderState } from '#lib/training/compatibility.types.ts'
import { capabilitiesOf } from '#lib/training/launchers/all-facts.types.ts'
import { Folded } from '../Folded.tsx'
import type { LaunchInput } from '../launch-values.ts'
import { ResultFields } from '../result/ResultFields.tsx'
import { DetachedSwitch, UnreachableNotice } from '../run/Detached.tsx'
import { MachineChoice } from './MachineChoice.tsx'
import { MachineFieldInput } from './MachineFields.tsx'
import { machineWordsOf } from './machine-catalog.ts'

/** The rented machine: which, how many, and what only an expert changes. */
export function MachineSettings({ state }: { state: ProviderState }) {
  const { formState } = useFormContext<LaunchInput>()
  const { provider, reaches_us: reachesUs, can_detach: canDetach } = state
  const { count, fields } = machineWordsOf(provider)
  const wrong = formState.errors.machine?.[provider]
  const wrongBelow = Object.keys(wrong ?? {}).some((name) => fields.some(({ path }) => path.endsWith(name)))
  const detachable = reachesUs && canDetach
  return (
    <div className="grid gap-5 border-t pt-5">
      {!reachesUs && <UnreachableNotice state={state} />}
      <MachineChoice provider={provider} />
      {count && (
        <div className="max-w-56">
          <MachineFieldInput field={count} />
        </div>
      )}
      {capabilitiesOf(provider).results === 'ours' && <ResultFields />}
      {(fields.length > 0 || detachable) && (
        <Folded
          title="Machine settings"
          about={[
            ...fields.map(({ label }) => label.toLowerCase()),
            ...(detachable ? ['detached'] : []),
          ].join(', ')}
          open={wrongBelow || (detachable && formState.errors.detached !== undefined)}
        >
          <div className="grid gap-5 sm:grid-cols-2">
            {fields.map((field) => (
              <MachineFieldInput key={field.path} field={field} />
            ))}
            {detachable && <DetachedSwitch />}
          </div>
        </Folded>
      )}
    </div>
  )
}
