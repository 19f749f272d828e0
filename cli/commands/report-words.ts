import { formatCount, formatPercent, formatPlural } from '#lib/display/number-format.ts'
import type { DatasetStatistics, IngestReport } from '#lib/training/dataset.types.ts'
import { detailLine } from '../output.ts'

const problemsShown = 20

/** A report for a person: what was found, in the server's words. */
export function reportWords(report: IngestReport): string[] {
  const { rows_read, rows_stored, rows_skipped, problems, problem_counts, notes, statistics } = report
  const rows =
    rows_skipped > 0 ? [`${formatCount(rows_skipped)} of ${formatCount(rows_read)} rows were skipped.`] : []
  const expanded =
    rows_stored !== rows_read - rows_skipped
      ? [`${formatCount(rows_read - rows_skipped)} rows became ${formatCount(rows_stored)}.`]
      : []
  const listed = problems
    .slice(0, problemsShown)
    .map((problem) => `${problem.severity}: ${detailLine(problem)}`)
  const total = Object.values(problem_counts).reduce((sum, count) => sum + count, 0)
  const more = total > listed.length ? [`and ${formatCount(total - listed.length)} more problems`] : []
  return [...rows, ...expanded, ...tokenWords(statistics), ...notes, ...listed, ...more]
}

function tokenWords(statistics: DatasetStatistics | null): string[] {
  const { rows = 0, tokens } = statistics ?? {}
  if (!tokens) return []
  const { total, tokenizer, error_ratio, context_length, rows_over } = tokens
  const bound = error_ratio > 0 ? `, within ${(error_ratio * 100).toFixed(1)} %` : ''
  const counted = `${error_ratio > 0 ? 'About ' : ''}${formatCount(total)} tokens (${tokenizer}${bound}).`
  const over = rows_over.find(({ context }) => context === context_length)?.rows
  if (context_length === undefined || over === undefined) return [counted]
  const fit =
    over === 0
      ? `Every row fits into ${formatCount(context_length)} tokens.`
      : `About ${formatPlural(over, 'row is', 'rows are')} longer than ${formatCount(context_length)} tokens (${formatPercent(over / rows)}).`
  return [counted, fit]
}
