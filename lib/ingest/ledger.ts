import { createHash } from 'node:crypto'
import type { DatasetFormat, IngestReport } from '#lib/training/dataset.types.ts'
import type { BlockOutcome } from './block-worker.ts'
import type { IngestResult, MemberIndexEntry } from './ingest.types.ts'
import { type Finding, type Place, placed, shifted } from './report/place.ts'
import { ProblemLog } from './report/problem-log.ts'
import { addSums, emptySums, statisticsOf } from './report/statistics.ts'

/** What has been found out about a file so far, and what has been written of it. */
export class Ledger {
  readonly log = new ProblemLog()
  readonly members: MemberIndexEntry[] = []
  format: DatasetFormat | null = null
  container: IngestReport['container'] = null
  compression: IngestReport['compression'] = 'none'
  encoding = 'utf-8'
  rawSizeBytes = 0
  rowsRead = 0
  /** Lines before the block that comes next. */
  lines = 0
  private readonly notes: string[] = []
  private readonly sums = emptySums()
  private readonly collisions = new Map<string, number>()
  private readonly hash = createHash('sha256')
  private rowsStored = 0
  private rowsRefused = 0
  private storedSizeBytes = 0

  note(note: string): void {
    this.notes.push(note)
  }

  find(finding: Finding, place: Place = { line: null, index: null }): void {
    this.log.add(placed(finding, place))
  }

  /** Takes in the next block. */
  addBlock(outcome: BlockOutcome): void {
    const { problems } = outcome
    const atFile = (list: typeof problems.errors) =>
      list.map((one) => shifted(one, this.lines, this.rowsRead))
    this.log.merge(
      { errors: atFile(problems.errors), warnings: atFile(problems.warnings), counts: problems.counts },
      outcome.errorCount,
    )
    addSums(this.sums, outcome.sums)
    for (const [key, rows] of Object.entries(outcome.collisions)) {
      this.collisions.set(key, (this.collisions.get(key) ?? 0) + rows)
    }
    this.format ??= outcome.format
    this.lines += outcome.lines
    this.rowsRead += outcome.rowsRead
    this.rowsRefused += outcome.rowsRefused
  }

  /** The next member goes out. */
  addMember(member: Uint8Array, rows: number): void {
    this.hash.update(member)
    this.members.push({
      offset: this.storedSizeBytes,
      sizeBytes: member.length,
      firstRow: this.rowsStored,
      rows,
    })
    this.storedSizeBytes += member.length
    this.rowsStored += rows
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

  result(): IngestResult {
    return {
      report: this.report(),
      members: this.members,
      rawSizeBytes: this.rawSizeBytes,
      sha256: this.hash.digest('hex'),
      storedSizeBytes: this.storedSizeBytes,
    }
  }

  private collisionNotes(): string[] {
    return [...this.collisions].map(
      ([key, rows]) =>
        `In ${rows} ${rows === 1 ? 'row' : 'rows'} the key ${JSON.stringify(key)} was not kept: the stored row has a key of that name already.`,
    )
  }
}
