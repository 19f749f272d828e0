/**
 * A run of ingest that stops at a row boundary and goes on elsewhere. A checkpoint is plain JSON and is worth
 * something together with a store that holds exactly the members before it.
 *
 * Blocks are cut where the bytes say, and a resumed run cuts as the first one would have done: whatever breaks and
 * wherever, the object is the same to the last byte. Only plain UTF-8 text has such places: inside of
 * compressed data, UTF-16 and Parquet there are none, and such a file starts again from its beginning.
 */
import type { Layout } from './blocks/layout.ts'
import type { IngestResult } from './ingest.types.ts'
import type { LedgerState } from './ledger.ts'
import type { DistinctRowsState, PrintTable } from './report/distinct-rows.ts'
import type { StoredObjectState } from './stored-object.ts'

export interface IngestCheckpoint {
  /** The build that made it: another one may cut, canonicalise or compress otherwise. */
  engine: string
  /** Bytes of the file, as sent, that lie before it. */
  rawOffset: number
  /** The same in bytes of text. */
  textOffset: number
  blocks: number
  layout: Layout
  /** Base64 of what stands in front of the list of rows in a JSON document. */
  opening: string
  ledger: LedgerState
  object: StoredObjectState
}

/** One block of the file, done. */
export interface IngestPiece {
  /** Null when none of its rows is stored. */
  member: Uint8Array | null
  /** Where the file as sent can be taken up behind it; null where it cannot. */
  rawOffset: number | null
  rowsRead: number
  /** To be asked before the next piece is. Null where `rawOffset` is. */
  checkpoint(): IngestCheckpoint | null
}

/** Pieces in order, then the result, or null when the source paused before the file's end. */
export type ResumableIngestRun = AsyncGenerator<IngestPiece, IngestResult | null>

/** Changes with what decides the stored bytes, and with this format: raise the number when rows, cuts or compression do. */
const engineGeneration = 8
export const engineBuild = `${engineGeneration} node ${process.versions.node}`

/** The two parts of a checkpoint that are large, and stay the same objects for many checkpoints of a run. */
export type CheckpointTables = readonly [exact: PrintTable, near: PrintTable]

export const tablesOf = ({ ledger }: IngestCheckpoint): CheckpointTables => [
  ledger.exactRows.table,
  ledger.nearRows.table,
]

/** A checkpoint as text, without its tables. */
export function writeCheckpoint(checkpoint: IngestCheckpoint): string {
  const { exactRows, nearRows } = checkpoint.ledger
  const without = (rows: DistinctRowsState) => ({ ...rows, table: null })
  const ledger = { ...checkpoint.ledger, exactRows: without(exactRows), nearRows: without(nearRows) }
  return JSON.stringify({ ...checkpoint, ledger })
}

export function readCheckpoint(text: string, [exact, near]: CheckpointTables): IngestCheckpoint {
  const checkpoint = JSON.parse(text) as IngestCheckpoint
  checkpoint.ledger.exactRows.table = exact
  checkpoint.ledger.nearRows.table = near
  return checkpoint
}
