import type { DatasetFormat, DatasetStatistics, IngestReport } from '#lib/training/dataset.types.ts'
import type { BlockContext, BlockReading } from './blocks/block.ts'
import type { CountTokens } from './report/count-tokens.ts'
import { DistinctRows, type DistinctRowsState } from './report/distinct-rows.ts'
import { type Finding, type Place, placed, shifted } from './report/place.ts'
import { type LoggedProblems, ProblemLog } from './report/problem-log.ts'
import { ProblemRowBook, type ProblemRowBookState, type ProblemRowSink } from './report/problem-row-book.ts'
import { ProblemRowLog } from './report/problem-rows.ts'
import type { RowPrints } from './report/row-prints.ts'
import { addSums, emptySums, rowsLongerThan, type StatisticsSums, statisticsOf } from './report/statistics.ts'
import { type SampledRow, TokenSample, tokenRatio } from './report/token-sample.ts'
import { webCodec } from './rows/row-text.ts'

/** A ledger as JSON: what a run that goes on elsewhere has to know of the rows before. */
export interface LedgerState {
  problems: LoggedProblems
  errorCount: number
  problemRows: ProblemRowBookState
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
  exactRows: DistinctRowsState
  nearRows: DistinctRowsState
  /** Blocks and rows that were compared nearly, and how many repeats they had letter for letter. */
  compared: { blocks: number; rows: number; exactRepeats: number }
  sample: SampledRow[]
}

/** Near duplicates are looked for in the first 64 MiB. */
const comparedBlocksMax = 16
const contexts = [2048, 4096, 8192, 16_384, 32_768] as const

/** The usual ones, and the one that the caller asked for. */
const contextsWith = (asked: number | undefined): number[] =>
  asked === undefined ? [...contexts] : [...new Set([...contexts, asked])].sort((one, other) => one - other)

/** What has been found out about a file so far; the report is written from it. */
export class Ledger {
  readonly log = new ProblemLog()
  private readonly problemRows: ProblemRowBook
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
  private readonly exactRows = new DistinctRows()
  private readonly nearRows = new DistinctRows()
  private compared: LedgerState['compared'] = { blocks: 0, rows: 0, exactRepeats: 0 }
  private readonly sample = new TokenSample()
  private tokens: DatasetStatistics['tokens'] = null

  /** Rows with problems are told to `problemRows`, as they come. */
  constructor(problemRows: ProblemRowSink | null = null) {
    this.problemRows = new ProblemRowBook(problemRows)
  }

  /** To be written down at once: the parts are the ledger's own. */
  save(): LedgerState {
    const { format, container, compression, encoding, rowsRead, rowsStored, rowsRefused, lines } = this
    return {
      ...{ format, container, compression, encoding, rowsRead, rowsStored, rowsRefused, lines },
      problems: this.log.logged(),
      errorCount: this.log.errorTotal,
      problemRows: this.problemRows.save(),
      notes: this.notes,
      sums: this.sums,
      collisions: [...this.collisions],
      exactRows: this.exactRows.save(),
      nearRows: this.nearRows.save(),
      compared: this.compared,
      sample: this.sample.rows(),
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
    this.problemRows.restore(state.problemRows)
    this.notes.push(...state.notes)
    addSums(this.sums, state.sums)
    for (const [key, rows] of state.collisions) this.collisions.set(key, rows)
    this.exactRows.restore(state.exactRows)
    this.nearRows.restore(state.nearRows)
    this.compared = state.compared
    for (const row of state.sample) this.sample.add(row)
  }

  note(note: string): void {
    this.notes.push(note)
  }

  find(finding: Finding, place: Place = { line: null, index: null }): void {
    const problem = placed(finding, place)
    this.log.add(problem)
    const { roomLeft } = this.problemRows
    if (roomLeft === null) return
    const ofFile = new ProblemRowLog(roomLeft, webCodec)
    ofFile.add(problem, null)
    this.problemRows.add(ofFile.logged(), { lines: 0, rows: 0 })
  }

  /** Takes in the next block. */
  addBlock(reading: BlockReading): void {
    const { errors, warnings, counts } = reading.problems
    const atFile = (list: typeof errors) => list.map((one) => shifted(one, this.lines, this.rowsRead))
    this.log.merge({ errors: atFile(errors), warnings: atFile(warnings), counts }, reading.errorCount)
    if (reading.problemRows) {
      this.problemRows.add(reading.problemRows, { lines: this.lines, rows: this.rowsRead })
    }
    addSums(this.sums, reading.sums)
    for (const [key, rows] of Object.entries(reading.collisions)) {
      this.collisions.set(key, (this.collisions.get(key) ?? 0) + rows)
    }
    this.addPrints(reading.prints)
    this.format ??= reading.format
    this.lines += reading.lines
    this.rowsRead += reading.rowsRead
    this.rowsRefused += reading.rowsRefused
    this.rowsStored += reading.rowsStored
  }

  /** What a worker has to know of the rows before a block; `ordinal` counts blocks from 0. */
  contextOf(ordinal: number): BlockContext {
    const compareNearly = ordinal < comparedBlocksMax
    const problemRoom = this.problemRows.roomLeft
    return { format: this.format, compareNearly, sampleBelow: this.sample.below, problemRoom }
  }

  private addPrints({ exact, near, sample }: RowPrints): void {
    this.exactRows.add(exact)
    for (const row of sample) this.sample.add(row)
    if (near === null) return
    this.nearRows.add(near)
    const { blocks, rows } = this.compared
    const exactRepeats = this.exactRows.repeated().rows
    this.compared = { blocks: blocks + 1, rows: rows + near.length / 2, exactRepeats }
  }

  /** Counts the tokens of the sample; to be done before the report is written. */
  async countTokens(count: CountTokens, contextLength?: number): Promise<void> {
    const sample = this.sample.rows()
    if (sample.length === 0) return
    const { tokenizer, tokens } = await count(sample.map(({ text }) => text))
    const ratio = tokenRatio(sample, tokens, this.sums.rows)
    if (ratio === null) return
    const { tokensPerCharacter, errorRatio } = ratio
    const rowsOver = (context: number) => ({
      context,
      rows: rowsLongerThan(this.sums, context / tokensPerCharacter),
    })
    this.tokens = {
      tokenizer,
      total: Math.round(this.sums.characters * tokensPerCharacter),
      characters_per_token: Math.round(100 / tokensPerCharacter) / 100,
      sampled_rows: sample.length,
      error_ratio: Math.round(errorRatio * 10_000) / 10_000,
      ...(contextLength === undefined ? {} : { context_length: contextLength }),
      rows_over: contextsWith(contextLength).map(rowsOver),
    }
  }

  private statistics(): DatasetStatistics {
    const exact = this.exactRows.repeated()
    const near = this.nearRows.repeated().rows - this.compared.exactRepeats
    return {
      ...statisticsOf(this.sums),
      tokens: this.tokens,
      duplicates: {
        exact_rows: exact.rows,
        exact_share: exact.share,
        near_rows: Math.max(0, near),
        near_compared_rows: this.compared.rows,
      },
    }
  }

  /** What is only known at the end: the file's own faults, and that it has no rows at all. */
  close(findings: readonly Finding[], { partial = false } = {}): void {
    for (const finding of findings) this.find(finding)
    // The first row may be longer than the part of the file that is there.
    if (!partial && this.rowsRead === 0 && !this.log.hasErrors) {
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
      statistics: this.sums.rows === 0 ? null : this.statistics(),
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
