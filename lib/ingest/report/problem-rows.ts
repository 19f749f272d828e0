import type { Problem, ProblemRow } from '#lib/training/dataset.types.ts'
import type { TextCodec } from '../rows/row-text.ts'
import { problemWithoutSecrets, withoutSecrets } from './without-secrets.ts'

/** How much more a file of problem rows may take in; characters of raw rows and of words about them. */
export interface Room {
  rows: number
  characters: number
}

/** Rows with an error and rows with nothing but warnings have room of their own: a flood of one hides none of the other. */
export interface ProblemRoom {
  errors: Room
  warnings: Room
}

export interface LoggedRows {
  rows: ProblemRow[]
  /** All rows of the block with an error, or with nothing but warnings, also those that found no room. */
  counts: { errors: number; warnings: number }
}

/** A longer row is cut: whoever mends it finds it by its line. */
const rawCharactersMax = 256 * 1024
const problemsOfRowMax = 100

export const kindOfRow = ({ problems }: ProblemRow): keyof ProblemRoom =>
  problems.some(({ severity }) => severity === 'error') ? 'errors' : 'warnings'

export const charactersOf = ({ raw, problems }: ProblemRow): number =>
  (raw?.length ?? 0) +
  problems.reduce((sum, one) => sum + one.message.length + one.pointer.length + one.expected.length + 80, 60)

/** Whether a row still fits; once one did not, no later one does, so that what is kept is the file's beginning. */
export function takeRoom(room: Room, row: ProblemRow): boolean {
  const characters = charactersOf(row)
  if (room.rows < 1 || room.characters < characters) {
    room.rows = 0
    return false
  }
  room.rows--
  room.characters -= characters
  return true
}

/** The rows of a block that have problems, each once, with the text that they came as. */
export class ProblemRowLog {
  private readonly rows: ProblemRow[] = []
  private readonly counts = { errors: 0, warnings: 0 }
  private open: ProblemRow | null = null
  private readonly room: ProblemRoom
  private readonly codec: TextCodec

  constructor(room: ProblemRoom, codec: TextCodec) {
    this.room = { errors: { ...room.errors }, warnings: { ...room.warnings } }
    this.codec = codec
  }

  /** Problems of a row come one after the other; `raw` is asked for once a row, null for the file's own. */
  add(problem: Problem, raw: (() => string) | null): void {
    const { line, index, ...rest } = problemWithoutSecrets(problem)
    if (this.open === null || this.open.line !== line || this.open.index !== index) {
      this.close()
      this.open = { line, index, problems: [], ...this.shown(raw) }
    }
    const { problems } = this.open
    if (problems.length < problemsOfRowMax) problems.push(rest)
    else this.open.more_problems = (this.open.more_problems ?? 0) + 1
  }

  logged(): LoggedRows {
    this.close()
    return { rows: this.rows, counts: this.counts }
  }

  private close(): void {
    if (this.open === null) return
    const kind = kindOfRow(this.open)
    this.counts[kind]++
    if (takeRoom(this.room[kind], this.open)) this.rows.push(this.open)
    this.open = null
  }

  private shown(raw: (() => string) | null): Pick<ProblemRow, 'raw' | 'raw_cut' | 'redacted'> {
    if (raw === null || (this.room.errors.rows < 1 && this.room.warnings.rows < 1)) return { raw: null }
    const whole = raw()
    const cut = whole.length > rawCharactersMax
    // Cut after what is secret has gone, or half a key would be left.
    const safe = withoutSecrets(whole, this.codec)
    return {
      raw: cut ? safe.slice(0, rawCharactersMax) : safe,
      ...(cut ? { raw_cut: true as const } : {}),
      ...(safe === whole ? {} : { redacted: true as const }),
    }
  }
}
