'use client'

import { Search } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Badge } from '#components/ui/badge.tsx'
import { Input } from '#components/ui/input.tsx'
import { NativeSelect } from '#components/ui/native-select.tsx'
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from '#components/ui/table.tsx'
import { formatCount, formatPlural } from '#lib/display/number-format.ts'
import type { IngestReport, Problem, ProblemsFile } from '#lib/training/dataset.types.ts'
import { DownloadProblems, problemsFileWords } from './DownloadProblems.tsx'
import { placeOf } from './problem-place.ts'

interface ProblemsTableProps {
  report: IngestReport
  /** Where the rows are, while the server keeps them. */
  file?: ProblemsFile | null | undefined
  compact?: boolean
}

/** Where, what is wrong, what would be right. Every problem is counted, and can be taken away with its row. */
export function ProblemsTable({ report, file = null, compact }: ProblemsTableProps) {
  const [words, setWords] = useState('')
  const [rule, setRule] = useState('')
  const shown = useMemo(() => filterProblems(report.problems, words, rule), [report.problems, words, rule])
  const total = Object.values(report.problem_counts).reduce((sum, count) => sum + count, 0)
  const rules = Object.entries(report.problem_counts).toSorted(([, one], [, other]) => other - one)
  return (
    <div className="@container grid gap-3">
      {compact ? null : (
        <div className="flex flex-wrap items-center gap-2">
          <div className="relative min-w-40 flex-1">
            <Search
              className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-muted-foreground"
              aria-hidden
            />
            <Input
              type="search"
              aria-label="Search problems"
              placeholder="Search problems"
              className="pl-8"
              value={words}
              onChange={({ target }) => setWords(target.value)}
            />
          </div>
          <NativeSelect
            aria-label="Rule"
            className="min-w-40"
            value={rule}
            onChange={({ target }) => setRule(target.value)}
          >
            <option value="">All rules ({formatCount(total)})</option>
            {rules.map(([id, count]) => (
              <option key={id} value={id}>
                {id} ({formatCount(count)})
              </option>
            ))}
          </NativeSelect>
          <DownloadProblems report={report} file={file} />
        </div>
      )}
      <div className="rounded-md border bg-card">
        <ProblemRows problems={compact ? shown.slice(0, 5) : shown} />
      </div>
      <p className="text-muted-foreground text-xs" role="status">
        {compact && shown.length > 5
          ? `The first 5 of ${formatPlural(total, 'problem')}.`
          : total > report.problems.length
            ? `The first ${formatCount(report.problems.length)} of ${formatPlural(total, 'problem')} are listed.`
            : `${formatCount(shown.length)} of ${formatPlural(total, 'problem')}.`}{' '}
        {compact ? null : problemsFileWords(file)}
      </p>
    </div>
  )
}

function ProblemRows({ problems }: { problems: Problem[] }) {
  return (
    <Table>
      <caption className="sr-only">Problems of the file</caption>
      <TableHead>
        <TableRow>
          <TableHeader>Where</TableHeader>
          <TableHeader>What is wrong</TableHeader>
          <TableHeader className="hidden @xl:table-cell">What would be right</TableHeader>
        </TableRow>
      </TableHead>
      <TableBody>
        {problems.map((problem, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two problems can be equal in everything
          <TableRow key={at}>
            <TableCell className="w-px min-w-36 align-top text-xs">
              <span className="whitespace-nowrap">{placeOf(problem)}</span>
              {problem.pointer ? (
                <span className="block max-w-40 break-all font-mono text-muted-foreground">
                  {problem.pointer}
                </span>
              ) : null}
            </TableCell>
            <TableCell className="min-w-48 break-words align-top">
              {problem.severity === 'warning' ? <Badge tone="warning">Warning</Badge> : null}{' '}
              {problem.message}
              <span className="block text-muted-foreground text-xs @xl:hidden">{problem.expected}</span>
            </TableCell>
            <TableCell className="hidden min-w-48 break-words align-top text-muted-foreground @xl:table-cell">
              {problem.expected}
            </TableCell>
          </TableRow>
        ))}
        {problems.length === 0 ? (
          <TableRow>
            <TableCell colSpan={3} className="py-6 text-center text-muted-foreground">
              No problem matches.
            </TableCell>
          </TableRow>
        ) : null}
      </TableBody>
    </Table>
  )
}

function filterProblems(problems: Problem[], words: string, rule: string): Problem[] {
  const wanted = words.trim().toLowerCase()
  return problems.filter(
    (problem) =>
      (rule === '' || problem.rule === rule) &&
      (wanted === '' ||
        `${placeOf(problem)} ${problem.pointer} ${problem.message} ${problem.expected}`
          .toLowerCase()
          .includes(wanted)),
  )
}
