import { AppError } from '#lib/errors/app-error.ts'
import type { Ledger } from './ledger.ts'

/** The error of a file that is not taken: its problems as details, the whole report as data. */
export function refusal(ledger: Ledger): AppError {
  const report = { ...ledger.report(), rows_stored: 0, rows_skipped: ledger.rowsRead }
  const { errorTotal } = ledger.log
  const [first] = report.problems
  const aboutTheFile = errorTotal === 1 && first && first.line === null && first.index === null
  const counted = `The file has ${errorTotal} ${errorTotal === 1 ? 'problem' : 'problems'}`
  return new AppError('invalid', {
    code: 'invalid_dataset',
    message: aboutTheFile ? first.message : counted,
    details: report.problems,
    data: { report },
  })
}
