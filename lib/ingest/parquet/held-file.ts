/**
 * A file that can be read at any place. Parquet keeps its table of contents at its end, so a stream of it has to
 * lie somewhere before its first row can be read; where, is the host's to choose (see docs/decisions/051-parquet.md).
 */
export interface HeldFile {
  sizeBytes: number
  /** Bytes [start, end). */
  read(start: number, end: number): Promise<Uint8Array>
  /** Called once when nothing more will be read, whatever happened. */
  release(): Promise<void>
}

/** Takes in all bytes of a file; when it rejects, nothing of them is left anywhere. */
export type HoldFile = (bytes: AsyncIterable<Uint8Array>) => Promise<HeldFile>
