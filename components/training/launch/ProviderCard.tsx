'use client'

import Link from 'next/link'
import { Badge } from '#components/ui/badge.tsx'
import { RadioCard } from '#components/ui/radio-group.tsx'
import { formatMoney } from '#lib/display/number-format.ts'
import type { ProviderState } from '#lib/training/compatibility.types.ts'
import { capabilitiesOf } from '#lib/training/launchers/all-facts.types.ts'
import { trainingProviderLabels } from '#lib/training/training-config.types.ts'
import { useOffers } from './launch-queries.ts'
import { isOutOfStock, lowestGpuPrice } from './machine/offer-source.ts'

const stateWords = {
  ready: { tone: 'success', word: 'Ready' },
  needs_key: { tone: 'warning', word: 'Key missing' },
  unavailable: { tone: 'neutral', word: 'Unavailable' },
  no_stock: { tone: 'warning', word: 'No GPU in stock' },
} as const

/** A place to train with its state. One that lacks a key can be chosen, so that prices are known before there is one. */
export function ProviderCard({ state }: { state: ProviderState }) {
  const { provider, reason } = state
  const offers = useOffers(provider).data?.offers ?? []
  const price = lowestGpuPrice(offers)
  const shown = state.state === 'ready' && isOutOfStock(offers) ? 'no_stock' : state.state
  const { tone, word } = stateWords[shown]
  return (
    <RadioCard
      value={provider}
      label={trainingProviderLabels[provider]}
      disabled={state.state === 'unavailable'}
      aside={<Badge tone={tone}>{word}</Badge>}
      footer={state.state === 'needs_key' ? <MissingKeyLink state={state} /> : null}
    >
      {state.state === 'unavailable' && reason}
      {state.state !== 'unavailable' &&
        capabilitiesOf(provider).onThisMachine &&
        'Free, and nothing leaves it.'}
      {state.state !== 'unavailable' &&
        !capabilitiesOf(provider).onThisMachine &&
        (price === null
          ? 'Rents a GPU for as long as it trains.'
          : `A GPU from ${formatMoney(price)} an hour, for as long as it trains.`)}
    </RadioCard>
  )
}

/** What is missing, as a link to where it is added. */
export function MissingKeyLink({ state: { provider, fix_url: url } }: { state: ProviderState }) {
  // Of AWS more is needed than a key.
  const words = url?.endsWith('#aws')
    ? 'AWS keys or role missing: add them'
    : `${trainingProviderLabels[provider]} key missing: add it`
  return (
    <Link
      href={url ?? '/settings/secrets'}
      prefetch={false}
      className="text-primary-text underline underline-offset-2"
    >
      {words}
    </Link>
  )
}
