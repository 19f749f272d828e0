import { formatCount } from '#lib/display/number-format.ts'
import type { IngestReport } from '#lib/training/dataset.types.ts'
import { detailLine } from '../output.ts'

const problemsShown = 20

/** A report for a person: what was found, in the server's words. */
export function reportWords(report: IngestReport): string[] {
  const { rows_read, rows_stored, rows_skipped, problems, problem_counts, notes } = report
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
  return [...rows, ...expanded, ...notes, ...listed, ...more]
}
