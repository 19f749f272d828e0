import { AppError } from '#lib/errors/app-error.ts'
import { checkFirstBytes } from '#lib/ingest/check-first-bytes.ts'
import { isParquet } from '#lib/ingest/source/magic.ts'
import type { IngestReport } from '#lib/training/dataset.types.ts'
import type { CheckRequest, FileCheck } from './check-file.ts'
import { type ParquetHead, readParquetHead } from './parquet-head.ts'
import { readHead } from './read-head.ts'

const rowsShown = 3
const rowBytesMax = 64 * 1024 * 1024
const depthMax = 200

const unseen: FileCheck = { report: null, firstRows: [], refusal: null, partial: true }

/** What a page can say of a file before it is sent, by the rules and in the words of the server. */
export async function lookAtFile({ file, ...reading }: CheckRequest): Promise<FileCheck> {
  const head = await readHead(file)
  if (!head) return unseen
  let parquet: ParquetHead | null = null
  if (isParquet(head.bytes)) {
    try {
      // Inside of compressed data its end is out of reach.
      parquet = head.compression === 'none' ? await readParquetHead(file) : null
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return { ...unseen, refusal: refusalOf(error), partial: false }
    }
    if (!parquet) return unseen
  }
  const partial = parquet?.partial ?? head.partial
  const { report, firstRows, refusal } = await checkFirstBytes(head.bytes, {
    ...reading,
    compression: head.compression,
    ...(parquet ? { parquet: linesOf(parquet) } : {}),
    partial,
    rowBytesMax,
    depthMax,
    rowsMax: rowsShown,
  })
  return {
    report,
    firstRows,
    refusal: refusal && refusalOf(refusal),
    partial,
  }
}

function refusalOf({ message, details, data }: AppError): NonNullable<FileCheck['refusal']> {
  return { message, details, report: (data?.report as IngestReport | undefined) ?? null }
}

const linesOf = ({ lines, notes }: ParquetHead) =>
  async function* (onNote: (note: string) => void) {
    yield* lines
    for (const note of notes) onNote(note)
  }
