import type { ProblemRow } from '#lib/training/dataset.types.ts'
import { kindOfRow, type LoggedRows, type ProblemRoom, takeRoom } from './problem-rows.ts'

export interface ProblemRowTotals {
  kept: number
  leftOut: number
}

/** Told of rows with problems, in the order of the file, each once. */
export interface ProblemRowSink {
  /** Without it every row is told. */
  room?: ProblemRoom
  onRows(rows: ProblemRow[], totals: ProblemRowTotals): void
}

export interface ProblemRowBookState {
  room: ProblemRoom
  totals: ProblemRowTotals
}

const unlimited = { rows: Number.MAX_SAFE_INTEGER, characters: Number.MAX_SAFE_INTEGER }

/** Keeps count of the rows with problems that a file has had so far, and of the room that is left for more. */
export class ProblemRowBook {
  private room: ProblemRoom
  private totals: ProblemRowTotals = { kept: 0, leftOut: 0 }
  private readonly sink: ProblemRowSink | null

  constructor(sink: ProblemRowSink | null) {
    this.sink = sink
    const { errors, warnings } = sink?.room ?? { errors: unlimited, warnings: unlimited }
    this.room = { errors: { ...errors }, warnings: { ...warnings } }
  }

  /** Null when nobody wants to be told. */
  get roomLeft(): ProblemRoom | null {
    return this.sink === null ? null : this.room
  }

  /** What a block found; its lines and indexes count from those before it. */
  add({ rows, counts }: LoggedRows, before: { lines: number; rows: number }): void {
    if (this.sink === null || counts.errors + counts.warnings === 0) return
    const kept = rows.filter((row) => takeRoom(this.room[kindOfRow(row)], row))
    for (const row of kept) {
      if (row.line !== null) row.line += before.lines
      if (row.index !== null) row.index += before.rows
    }
    this.totals = {
      kept: this.totals.kept + kept.length,
      leftOut: this.totals.leftOut + counts.errors + counts.warnings - kept.length,
    }
    this.sink.onRows(kept, this.totals)
  }

  save(): ProblemRowBookState {
    return { room: this.room, totals: this.totals }
  }

  restore({ room, totals }: ProblemRowBookState): void {
    this.room = room
    this.totals = totals
  }
}
