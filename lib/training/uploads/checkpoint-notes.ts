import {
  type CheckpointTables,
  type IngestCheckpoint,
  tablesOf,
  writeCheckpoint,
} from '#lib/ingest/checkpoint.ts'
import type { ResumablePut } from '#lib/storage/resumable-put.ts'
import type { ProblemFile } from '../problems/problem-file.ts'
import { putColumns } from '../put-columns.ts'
import type { IncomingFile } from './incoming-file.ts'
import { expiryFromNow, type UploadTurn } from './session-row.ts'

export interface NotesNeeds {
  file: IncomingFile
  put: ResumablePut
  turn: UploadTurn
  /** Written with each checkpoint. */
  problems: ProblemFile
  /** Told when a checkpoint was written. */
  onSaved: () => void
}

/** A checkpoint as it was when it was taken; ingest has gone on since. */
export interface NotedPlace {
  text: string
  tables: CheckpointTables
  rawOffset: number
  blocks: number
  rowsRead: number
}

/**
 * The checkpoints of an upload as they are written down. The store makes its bytes safe before the next ones are appended;
 * the database takes its time, and the next rows are worked on meanwhile.
 */
export class CheckpointNotes {
  /** Everything of the file before this offset is safe. */
  safeOffset: number
  /** The same when what is being written is. */
  begunOffset: number
  isBusy = false
  readonly #needs: NotesNeeds
  #tables: CheckpointTables | null
  #writing: Promise<void> = Promise.resolve()

  /** Where the session stands, and what is written down of it already. */
  constructor(needs: NotesNeeds, offset: number, from: IngestCheckpoint | null) {
    this.#needs = needs
    this.safeOffset = offset
    this.begunOffset = offset
    this.#tables = from && tablesOf(from)
  }

  /** A place to note, if it comes to that. To be called before the next piece is asked for. */
  take(checkpoint: IngestCheckpoint): NotedPlace {
    const { rawOffset, blocks, ledger } = checkpoint
    this.#needs.problems.mark()
    const text = writeCheckpoint(checkpoint)
    return { text, tables: tablesOf(checkpoint), rawOffset, blocks, rowsRead: ledger.rowsRead }
  }

  /** Resolves when bytes may be appended again: behind this place, where the store stands. */
  async begin(place: NotedPlace): Promise<void> {
    await this.written()
    const stored = putColumns(await this.#needs.put.checkpoint())
    this.begunOffset = place.rawOffset
    this.isBusy = true
    this.#writing = this.#write(place, stored)
    // Told by `written`; until then a failure is nobody's.
    this.#writing.catch(() => {})
  }

  /** Resolves when all that was begun is in the database, rejects if it is not. */
  written(): Promise<void> {
    return this.#writing
  }

  async #write(place: NotedPlace, stored: ReturnType<typeof putColumns>): Promise<void> {
    const { problems, turn, file, onSaved } = this.#needs
    const { text, tables, rawOffset, blocks, rowsRead } = place
    const areWritten = tables.every((table, at) => table === this.#tables?.[at])
    await problems.flush(blocks)
    await turn.save({
      ...stored,
      checkpoint: text,
      ...(areWritten ? {} : { checkpoint_tables: JSON.stringify(tables) }),
      raw_offset: rawOffset,
      rows_read: rowsRead,
      expires_at: expiryFromNow(),
    })
    this.#tables = tables
    this.isBusy = false
    this.safeOffset = rawOffset
    onSaved()
    file.markSafe(rawOffset)
  }
}
