import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { ProblemRowSink, ProblemRowTotals } from '#lib/ingest/report/problem-row-book.ts'

export interface ProblemRowsFile {
  sink: ProblemRowSink
  /** Resolves when all of it is written; tells how many rows it has. */
  end(): Promise<number>
  /** Leaves no half of a file behind. */
  discard(): Promise<void>
}

/** Every row with a problem, as JSON Lines, readable by its owner only. It takes the place of what was there. */
export function writeProblemRows(path: string): ProblemRowsFile {
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
