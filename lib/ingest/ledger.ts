import type { DatasetFormat, IngestReport } from '#lib/training/dataset.types.ts'
import type { BlockReading } from './blocks/block.ts'
import { type Finding, type Place, placed, shifted } from './report/place.ts'
import { type LoggedProblems, ProblemLog } from './report/problem-log.ts'
import { addSums, emptySums, type StatisticsSums, statisticsOf } from './report/statistics.ts'

/** A ledger as JSON: what a run that goes on elsewhere has to know of the rows before. */
export interface LedgerState {
  problems: LoggedProblems
  errorCount: number
  format: DatasetFormat | null
  container: IngestReport['container']
  compression: IngestReport['compression']
  encoding: string
  rowsRead: number
  rowsStored: number
  rowsRefused: number
  lines: number
  notes: string[]
  sums: StatisticsSums
  collisions: [string, number][]
}

/** What has been found out about a file so far; the report is written from it. */
export class Ledger {
  readonly log = new ProblemLog()
  format: DatasetFormat | null = null
  container: IngestReport['container'] = null
  compression: IngestReport['compression'] = 'none'
  encoding = 'utf-8'
  rowsRead = 0
  rowsStored = 0
  /** Lines before the block that comes next. */
  lines = 0
  private readonly notes: string[] = []
  private readonly sums = emptySums()
  private readonly collisions = new Map<string, number>()
  private rowsRefused = 0

  /** To be written down at once: the parts are the ledger's own. */
  save(): LedgerState {
    const { format, container, compression, encoding, rowsRead, rowsStored, rowsRefused, lines } = this
    return {
      ...{ format, container, compression, encoding, rowsRead, rowsStored, rowsRefused, lines },
      problems: this.log.logged(),
      errorCount: this.log.errorTotal,
      notes: this.notes,
      sums: this.sums,
      collisions: [...this.collisions],
    }
  }

  /** Takes up where another ledger was saved; only of use to a new one. */
  restore(state: LedgerState): void {
    const { format, container, compression, encoding, rowsRead, rowsStored, rowsRefused, lines } = state
    Object.assign(this, {
      format,
      container,
      compression,
      encoding,
      rowsRead,
      rowsStored,
      rowsRefused,
      lines,
    })
    this.log.merge(state.problems, state.errorCount)
    this.notes.push(...state.notes)
    addSums(this.sums, state.sums)
    for (const [key, rows] of state.collisions) this.collisions.set(key, rows)
  }

  note(note: string): void {
    this.notes.push(note)
  }

  find(finding: Finding, place: Place = { line: null, index: null }): void {
    this.log.add(placed(finding, place))
  }

  /** Takes in the next block. */
  addBlock(reading: BlockReading): void {
    const { errors, warnings, counts } = reading.problems
    const atFile = (list: typeof errors) => list.map((one) => shifted(one, this.lines, this.rowsRead))
    this.log.merge({ errors: atFile(errors), warnings: atFile(warnings), counts }, reading.errorCount)
    addSums(this.sums, reading.sums)
    for (const [key, rows] of Object.entries(reading.collisions)) {
      this.collisions.set(key, (this.collisions.get(key) ?? 0) + rows)
    }
    this.format ??= reading.format
    this.lines += reading.lines
    this.rowsRead += reading.rowsRead
    this.rowsRefused += reading.rowsRefused
    this.rowsStored += reading.rowsStored
  }

  /** What is only known at the end: the file's own faults, and that it has no rows at all. */
  close(findings: readonly Finding[]): void {
    for (const finding of findings) this.find(finding)
    if (this.rowsRead === 0 && !this.log.hasErrors) {
      this.find({ rule: 'file.empty', pointer: '', message: 'The file has no rows' })
    }
  }

  report(): IngestReport {
    return {
      format: this.format,
      container: this.container,
      compression: this.compression,
      encoding: this.encoding,
      rows_read: this.rowsRead,
      rows_stored: this.rowsStored,
      rows_skipped: this.rowsRefused,
      problems: this.log.listed(),
      problem_counts: this.log.logged().counts,
      statistics: this.sums.rows === 0 ? null : statisticsOf(this.sums),
      notes: [...this.notes, ...this.collisionNotes()],
    }
  }

  private collisionNotes(): string[] {
    return [...this.collisions].map(([key, rows]) => {
      const where = `${rows} ${rows === 1 ? 'row' : 'rows'}`
      return `In ${where} the key ${JSON.stringify(key)} was not kept: the stored row has a key of that name already.`
    })
  }
}
