import { Alert } from '#components/ui/alert.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import type { Offer } from '#lib/training/compatibility.types.ts'
import { type TrainingProvider, trainingProviderLabels } from '#lib/training/training-config.types.ts'
import { offerSourceOf } from './offer-source.ts'

/** Where prices and stock are from, and how old they are. */
export function OfferSource({ provider, offers }: { provider: TrainingProvider; offers: readonly Offer[] }) {
  const label = trainingProviderLabels[provider]
  const source = offerSourceOf(offers, Date.now())
  if (source.kind === 'none')
    return <p className="text-muted-foreground">{label} offers nothing at present.</p>
  if (source.kind === 'provider')
    return (
      <p className="text-muted-foreground text-xs">
        {offers.some(({ stock }) => stock !== 'unknown') ? 'Prices and stock' : 'Prices'} as {label} told them
        {source.at && (
          <>
            {' '}
            <RelativeTime value={source.at} />
          </>
        )}
        .
      </p>
    )
  if (source.kind === 'old')
    return (
      <Alert title={`${label} could not be asked`}>
        The prices are those that it told
        {source.at && (
          <>
            {' '}
            <RelativeTime value={source.at} />
          </>
        )}
        . What it has in stock now is not known.
      </Alert>
    )
  return (
    <Alert title={`A list that FineTune Lab ships, not ${label}’s own`}>
      {source.at && `Compiled on ${source.at.slice(0, 10)}. `}
      {label} could not be asked, or tells no prices. They may differ by now, and by region; stock is not
      known.
    </Alert>
  )
}
