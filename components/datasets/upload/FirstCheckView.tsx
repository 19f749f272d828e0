'use client'

import { Alert } from '#components/ui/alert.tsx'
import { Badge } from '#components/ui/badge.tsx'
import { Field } from '#components/ui/field.tsx'
import { NativeSelect } from '#components/ui/native-select.tsx'
import { Loading, Skeleton } from '#components/ui/skeleton.tsx'
import type { FileCheck } from '#lib/client/first-check/check-file.ts'
import { formatCount, formatPlural } from '#lib/display/number-format.ts'
import type { IngestReport } from '#lib/training/dataset.types.ts'
import { formatLabels } from '../format-labels.ts'
import { ProblemsTable } from '../report/ProblemsTable.tsx'
import { RowView } from '../rows/RowView.tsx'
import type { FirstCheck, TextSplit } from './use-first-check.ts'

export interface FirstCheckViewProps {
  check: FirstCheck
  split: TextSplit | undefined
  onSplit: (split: TextSplit | undefined) => void
}

/** The verdict on the first bytes: what the file is, its first rows as they will be trained on, what is wrong. */
export function FirstCheckView({ check, split, onSplit }: FirstCheckViewProps) {
  if (check.state === 'none') return null
  if (check.state === 'checking') {
    return (
      <Loading label="Looking at the file" className="grid gap-2">
        <Skeleton className="h-5 w-40" />
        <Skeleton className="h-32" />
      </Loading>
    )
  }
  if (check.state === 'unable') {
    return (
      <Alert title="The file could not be looked at here">It is checked whole when it is uploaded.</Alert>
    )
  }
  return (
    <section aria-label="First check" className="grid gap-3">
      <Verdict check={check.check} />
      {check.check.report?.format === 'raw_text' && check.check.report.container === 'text' ? (
        <SplitChoice split={split} onSplit={onSplit} />
      ) : null}
      <FirstRows check={check.check} />
    </section>
  )
}

function Verdict({ check }: { check: FileCheck }) {
  const { report, refusal, partial } = check
  if (!report) return <Alert title="This kind of file is checked when it is uploaded" />
  if (refusal) {
    return (
      <div className="grid gap-3">
        <Alert tone="danger" title={refusal.message}>
          It would be refused as it is. {partial ? 'Only its beginning was looked at.' : null}
        </Alert>
        {report.problems.length > 0 ? <ProblemsTable report={report} compact /> : null}
      </div>
    )
  }
  return (
    <div className="grid gap-2">
      <p className="flex flex-wrap items-center gap-2">
        {report.format ? <Badge tone="success">{formatLabels[report.format]}</Badge> : null}
        <span className="text-muted-foreground text-xs">
          {partial
            ? `No problem in the first ${formatPlural(report.rows_read, 'row')}`
            : `${formatPlural(report.rows_read, 'row')}, no problem`}
          {longerWords(report)}
        </span>
      </p>
      {report.notes.map((note) => (
        <p key={note} className="text-muted-foreground text-xs">
          {note}
        </p>
      ))}
    </div>
  )
}

/** How many rows are longer than the context that was given. */
function longerWords({ statistics }: IngestReport): string {
  const { context_length, rows_over } = statistics?.tokens ?? {}
  const over = rows_over?.find(({ context }) => context === context_length)
  if (!over) return ''
  const rows = over.rows === 0 ? 'none' : `about ${formatPlural(over.rows, 'row')}`
  return `, ${rows} longer than ${formatCount(over.context)} tokens`
}

function SplitChoice({ split, onSplit }: Pick<FirstCheckViewProps, 'split' | 'onSplit'>) {
  return (
    <Field label="One row is" hint="How the text is cut into rows to train on.">
      {(control) => (
        <NativeSelect
          {...control}
          value={split ?? ''}
          onChange={({ target }) => onSplit(target.value === '' ? undefined : (target.value as TextSplit))}
        >
          <option value="">Decide from the text</option>
          <option value="line">A line</option>
          <option value="paragraph">A paragraph</option>
          <option value="document">The whole document</option>
        </NativeSelect>
      )}
    </Field>
  )
}

function FirstRows({ check }: { check: FileCheck }) {
  const { firstRows, report } = check
  if (firstRows.length === 0 || !report?.format) return null
  return (
    <div className="grid gap-1.5">
      <h3 className="text-muted-foreground text-xs">
        {firstRows.length === 1 ? 'The first row' : `The first ${firstRows.length} rows`}, as trained on
      </h3>
      <ol
        className="grid max-h-72 gap-2 overflow-y-auto" // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        tabIndex={0}
      >
        {firstRows.map((row, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows of one check never move
          <li key={at} className="rounded-md border bg-background p-3">
            <RowView row={row} dense />
          </li>
        ))}
      </ol>
    </div>
  )
}
