'use client'

import { useId, useState } from 'react'
import { useFormContext, useWatch } from 'react-hook-form'
import { Button } from '#components/ui/button.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { Input } from '#components/ui/input.tsx'
import { RadioGroup } from '#components/ui/radio-group.tsx'
import { Loading, Skeleton } from '#components/ui/skeleton.tsx'
import type { Offer } from '#lib/training/compatibility.types.ts'
import type { TrainingProvider } from '#lib/training/training-config.types.ts'
import { useOffers } from '../launch-queries.ts'
import type { LaunchInput } from '../launch-values.ts'
import { CheapestRow } from './CheapestRow.tsx'
import { FallbackMachines } from './FallbackMachines.tsx'
import { MachineRow } from './MachineRow.tsx'
import { machineWordsOf } from './machine-catalog.ts'
import { OfferSource } from './OfferSource.tsx'

const shownAtFirst = 5
const searchFrom = 12
/** No machine has such an id. */
const cheapest = 'the cheapest that fits'

/** What the chosen provider has to rent, with price and stock; the cheapest that fits unless somebody chooses. */
export function MachineChoice({ provider }: { provider: TrainingProvider }) {
  const { setValue, getFieldState, formState } = useFormContext<LaunchInput>()
  const path = `machine.${provider}.machines` as const
  const machines = useWatch<LaunchInput, typeof path>({ name: path }) ?? []
  const offers = useOffers(provider)
  const label = useId()
  const words = machineWordsOf(provider)
  const { error } = getFieldState(path, formState)
  const set = (next: string[]) => setValue(path, next, { shouldDirty: true, shouldValidate: true })
  const choose = (id: string) =>
    set(id === cheapest ? [] : [id, ...machines.slice(1).filter((other) => other !== id)])

  return (
    <div className="grid gap-2">
      <div className="grid gap-0.5">
        <span id={label} className="font-medium">
          {words.machine}
        </span>
        <p className="text-muted-foreground text-xs">{words.about}</p>
      </div>
      {offers.isError ? (
        <ErrorState
          title="The machines could not be asked for"
          error={offers.error}
          retry={() => offers.refetch()}
        />
      ) : !offers.data ? (
        <Loading label="Asking for the machines" className="grid gap-2">
          <Skeleton className="h-56" />
        </Loading>
      ) : (
        <>
          <RadioGroup
            aria-labelledby={label}
            aria-describedby={error ? `${label}-error` : undefined}
            aria-invalid={error ? true : undefined}
            value={machines[0] ?? cheapest}
            onValueChange={choose}
            className="gap-0 divide-y rounded-md border"
          >
            <CheapestRow value={cheapest} />
            <OfferRows offers={offers.data.offers} chosen={machines[0] ?? null} />
          </RadioGroup>
          {error && (
            <p id={`${label}-error`} role="alert" className="text-danger text-xs">
              {error.message}
            </p>
          )}
          <OfferSource provider={provider} offers={offers.data.offers} />
          {words.candidatesMax > 1 && machines.length > 0 && (
            <FallbackMachines
              offers={offers.data.offers}
              machines={machines}
              machinesMax={words.candidatesMax}
              onMachines={set}
            />
          )}
        </>
      )}
    </div>
  )
}

/** A handful at first; the chosen one is always among them. */
function OfferRows({ offers, chosen }: { offers: readonly Offer[]; chosen: string | null }) {
  const [all, setAll] = useState(false)
  const [search, setSearch] = useState('')
  const wanted = search.trim().toLowerCase()
  const found = offers.filter(({ id, label }) => `${id} ${label}`.toLowerCase().includes(wanted))
  const shown = all ? found : offers.filter((offer, index) => index < shownAtFirst || offer.id === chosen)
  return (
    <>
      {all && offers.length >= searchFrom && (
        <div className="p-2">
          <Input
            type="search"
            aria-label="Search the machines"
            placeholder="Search"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            className="h-8 max-w-56"
          />
        </div>
      )}
      {shown.map((offer) => (
        <MachineRow key={offer.id} offer={offer} />
      ))}
      {chosen !== null && !offers.some(({ id }) => id === chosen) && <UnknownRow id={chosen} />}
      {all && found.length === 0 && (
        <p className="px-4 py-3 text-muted-foreground">None has this in its name.</p>
      )}
      {!all && shown.length < offers.length && (
        <div className="p-2">
          <Button variant="ghost" size="sm" onClick={() => setAll(true)}>
            Show all {offers.length}
          </Button>
        </div>
      )}
    </>
  )
}

/** Chosen earlier, and not offered any more. */
function UnknownRow({ id }: { id: string }) {
  const offer: Offer = {
    id,
    label: id,
    gpu: null,
    usd_per_hour: null,
    priced_at: null,
    price_source: 'table',
    stock: 'none',
    regions: [],
  }
  return <MachineRow offer={offer} />
}
