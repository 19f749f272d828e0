import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { realpath, rm } from 'node:fs/promises'
import { invalid } from '#lib/errors/app-error.ts'
import type { ProblemRowSink, ProblemRowTotals } from '#lib/ingest/report/problem-row-book.ts'

export interface ProblemRowsFile {
  sink: ProblemRowSink
  /** Resolves when all of it is written; tells how many rows it has. */
  end(): Promise<number>
  /** Leaves no half of a file behind. */
  discard(): Promise<void>
}

/**
 * Every row with a problem, as JSON Lines, readable by its owner only. It takes the place of what was there, but never
 * that of `input`, the file whose rows they are.
 */
export async function writeProblemRows(path: string, input: string): Promise<ProblemRowsFile> {
  const [target, source] = await Promise.all([realpath(path).catch(() => null), realpath(input)])
  if (target === source)
    throw invalid(
      'problems_over_input',
      'The problems would take the place of the file itself',
      'Name another file.',
    )
  const out = createWriteStream(path, { mode: 0o600 })
  const failed = once(out, 'error').then(([error]) => {
    throw error
  })
  failed.catch(() => {})
  let totals: ProblemRowTotals = { kept: 0, leftOut: 0 }
  return {
    sink: {
      onRows(rows, now) {
        out.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
        totals = now
      },
    },
    async end() {
      out.end()
      await Promise.race([once(out, 'close'), failed])
      return totals.kept
    },
    async discard() {
      out.destroy()
      await rm(path, { force: true })
    },
  }
}
