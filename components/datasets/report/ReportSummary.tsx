import type { ReactNode } from 'react'
import { formatCount, formatPlural } from '#lib/display/number-format.ts'
import type { IngestReport } from '#lib/training/dataset.types.ts'
import { formatLabels } from '../format-labels.ts'

const containers = {
  jsonl: 'JSON Lines',
  json: 'JSON array',
  csv: 'CSV',
  tsv: 'TSV',
  text: 'Text',
  parquet: 'Parquet',
} as const

/** What was made of a file, in a few facts. */
export function ReportSummary({ report }: { report: IngestReport }) {
  const compression = report.compression === 'none' ? '' : `, ${report.compression}`
  const longer = longerThanAsked(report)
  return (
    <div className="grid gap-3">
      <dl className="grid grid-cols-2 gap-x-6 gap-y-2 sm:grid-cols-[repeat(auto-fit,minmax(8rem,1fr))]">
        {report.format ? <Fact term="Format">{formatLabels[report.format]}</Fact> : null}
        {report.container ? <Fact term="File">{`${containers[report.container]}${compression}`}</Fact> : null}
        <Fact term="Rows read">{formatCount(report.rows_read)}</Fact>
        <Fact term="Rows stored">{formatCount(report.rows_stored)}</Fact>
        {report.rows_skipped > 0 ? (
          <Fact term="Rows left out">{formatCount(report.rows_skipped)}</Fact>
        ) : null}
        {longer === null ? null : (
          <Fact term={`Longer than ${formatCount(longer.context)} tokens`}>
            {longer.rows === 0 ? 'none' : `about ${formatPlural(longer.rows, 'row')}`}
          </Fact>
        )}
      </dl>
      {report.notes.map((note) => (
        <p key={note} className="text-muted-foreground">
          {note}
        </p>
      ))}
    </div>
  )
}

/** Null where nobody asked. */
function longerThanAsked({ statistics }: IngestReport) {
  const { context_length, rows_over } = statistics?.tokens ?? {}
  return rows_over?.find(({ context }) => context === context_length) ?? null
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-muted-foreground text-xs">{term}</dt>
      <dd>{children}</dd>
    </div>
  )
}
