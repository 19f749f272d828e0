import type { ReactNode } from 'react'
import { Section } from '#components/ui/card.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { formatCount } from '#lib/display/number-format.ts'
import type { Dataset, DatasetStatistics } from '#lib/training/dataset.types.ts'
import { Distribution } from './Distribution.tsx'
import { LengthHistogram } from './LengthHistogram.tsx'

/** What the rows are like, as counted when they came in. */
export function StatisticsPanel({ dataset }: { dataset: Dataset }) {
  const statistics = dataset.metadata.report?.statistics
  if (!statistics)
    return (
      <EmptyState
        title="No statistics were kept for this dataset."
        className="rounded-md border border-dashed"
      />
    )
  return (
    <div className="grid gap-6">
      <Figures statistics={statistics} />
      <Section title="Length of rows" description="How many rows are how long.">
        <LengthHistogram statistics={statistics} />
      </Section>
      {Object.keys(statistics.roles).length > 0 ? (
        <Section title="Turns by role">
          <Distribution counts={statistics.roles} />
        </Section>
      ) : null}
    </div>
  )
}

function Figures({ statistics }: { statistics: DatasetStatistics }) {
  const { rows, turns, characters, longest_row_characters: longest, multimodal_parts: parts } = statistics
  const { tokens, duplicates } = statistics
  return (
    <dl className="grid grid-cols-2 gap-4 rounded-md border bg-card p-4 sm:grid-cols-3 sm:px-6 lg:grid-cols-4">
      <Figure term="Rows">{formatCount(rows)}</Figure>
      {turns > 0 ? <Figure term="Turns a row, on average">{(turns / rows).toFixed(1)}</Figure> : null}
      {tokens ? (
        <Figure term={tokens.error_ratio > 0 ? `Tokens, within ${percentOf(tokens.error_ratio)}` : 'Tokens'}>
          {formatCount(tokens.total)}
        </Figure>
      ) : null}
      <Figure term="Characters">{formatCount(characters)}</Figure>
      <Figure term="Longest row, in characters">{formatCount(longest)}</Figure>
      {statistics.avg_input_length > 0 ? (
        <Figure term="Input, on average">{formatCount(Math.round(statistics.avg_input_length))}</Figure>
      ) : null}
      {statistics.avg_output_length > 0 ? (
        <Figure term="Output, on average">{formatCount(Math.round(statistics.avg_output_length))}</Figure>
      ) : null}
      {parts > 0 ? <Figure term="Images and other parts">{formatCount(parts)}</Figure> : null}
      {duplicates ? (
        <>
          <Figure term={duplicates.exact_share < 1 ? 'Repeated rows, about' : 'Repeated rows'}>
            {formatCount(duplicates.exact_rows)}
          </Figure>
          <Figure term="Nearly repeated rows">{formatCount(duplicates.near_rows)}</Figure>
        </>
      ) : null}
    </dl>
  )
}

function percentOf(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function Figure({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-muted-foreground text-xs">{term}</dt>
      <dd className="text-base">{children}</dd>
    </div>
  )
}
