'use client'

import { Check, CircleAlert, X } from 'lucide-react'
import { Section } from '#components/ui/card.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { Loading, Skeleton } from '#components/ui/skeleton.tsx'
import type { DatasetCompatibility } from '#lib/client/datasets.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { trainingProviders } from '#lib/training/training-config.types.ts'
import { useDatasetCompatibility } from '../dataset-queries.ts'

/** Each training provider: yes, or why not and what would help. */
export function WhoMayTrain({ dataset }: { dataset: Dataset }) {
  const verdicts = useDatasetCompatibility(dataset.id)
  return (
    <Section title="Who may train on it">
      {verdicts.data ? (
        <ul className="grid gap-3">
          {yesFirst(verdicts.data.providers).map((verdict) => (
            <Verdict key={verdict.provider} verdict={verdict} />
          ))}
        </ul>
      ) : verdicts.isError ? (
        <ErrorState error={verdicts.error} retry={() => verdicts.refetch()} />
      ) : (
        <Loading label="Asking who may train on it" className="grid gap-3">
          {trainingProviders.map((provider) => (
            <Skeleton key={provider} className="h-5" />
          ))}
        </Loading>
      )}
    </Section>
  )
}

function Verdict({ verdict }: { verdict: DatasetCompatibility }) {
  const { label, selectable, cross_storage: withConsent, reason, fix } = verdict
  return (
    <li className="flex gap-2.5">
      {selectable ? (
        <Check className="mt-0.5 size-4 shrink-0 text-success" aria-hidden />
      ) : withConsent ? (
        <CircleAlert className="mt-0.5 size-4 shrink-0 text-warning" aria-hidden />
      ) : (
        <X className="mt-0.5 size-4 shrink-0 text-muted-foreground" aria-hidden />
      )}
      <div className="grid min-w-0 gap-0.5">
        <span>
          {label}
          <span className="sr-only">{selectable ? ': yes' : withConsent ? ': with consent' : ': no'}</span>
        </span>
        {selectable ? null : (
          <span className="text-muted-foreground text-xs">
            {reason} {fix}
          </span>
        )}
      </div>
    </li>
  )
}

function yesFirst(verdicts: readonly DatasetCompatibility[]): DatasetCompatibility[] {
  const rank = ({ selectable, cross_storage: withConsent }: DatasetCompatibility) =>
    selectable ? 0 : withConsent ? 1 : 2
  return verdicts.toSorted((a, b) => rank(a) - rank(b))
}
