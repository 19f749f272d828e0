import { AppError } from '#lib/errors/app-error.ts'
import type { IngestReport } from '#lib/training/dataset.types.ts'

/** The error of a file that is not taken: its problems as details, the whole report as data. */
export function refusal(report: IngestReport, errorTotal: number): AppError {
  const { problems } = report
  const nothingStored = { ...report, rows_stored: 0, rows_skipped: report.rows_read }
  const first = problems.find((problem) => problem.severity === 'error')
  const message =
    errorTotal === 1 && first && first.line === null && first.index === null
      ? first.message
      : `The file has ${errorTotal} ${errorTotal === 1 ? 'problem' : 'problems'}`
  return new AppError('invalid', {
    code: 'invalid_dataset',
    message,
    details: problems,
    data: { report: nothingStored },
  })
}
