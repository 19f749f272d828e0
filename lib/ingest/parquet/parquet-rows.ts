import { type AsyncBuffer, type Compressors, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { type AppError, corrupt, limit } from '#lib/errors/app-error.ts'
import { jsonText, parsers } from './parquet-json.ts'

export interface ParquetRowsOptions {
  /** Most uncompressed bytes of a row group; one is in memory at a time. */
  groupBytesMax: number
  compressors: Compressors
  /** A cell holds bytes that are no text. */
  onBinary(): void
}

/** What is wrong with a Parquet file, for whoever can only say it across a thread. */
export class ParquetFailure extends Error {
  readonly reason: 'damaged' | 'group too large'

  constructor(reason: ParquetFailure['reason'], message: string) {
    super(message)
    this.reason = reason
  }
}

const footerBytesMax = 64 << 20

/** Every row as JSON, without a line break, in any runtime. Throws ParquetFailure, and what `file` throws. */
export async function* parquetRows(file: AsyncBuffer, options: ParquetRowsOptions): AsyncGenerator<string> {
  const { groupBytesMax, onBinary } = options
  const { byteLength } = file
  const ending = await file.slice(Math.max(0, byteLength - 8), byteLength)
  const tail = new DataView(ending)
  if (byteLength < 12 || tail.getUint32(4, true) !== 0x31524150)
    throw new ParquetFailure('damaged', 'it does not end with PAR1')
  if (tail.getUint32(0, true) > footerBytesMax)
    throw new ParquetFailure('damaged', 'its table of contents is too large')
  const compressors = capped(options.compressors, groupBytesMax)
  const metadata = await orDamaged(() => parquetMetadataAsync(file))
  let rowStart = 0
  for (const group of metadata.row_groups) {
    const groupBytes = Number(group.total_byte_size)
    if (groupBytes > groupBytesMax) throw tooLarge(`A row group of ${groupBytes} bytes`)
    const rowEnd = rowStart + Number(group.num_rows)
    const reading = { file, metadata, rowStart, rowEnd, compressors, utf8: false, parsers }
    for (const row of await orDamaged(() => parquetReadObjects(reading))) yield jsonText(row, onBinary)
    rowStart = rowEnd
  }
}

const tooLarge = (what: string) => new ParquetFailure('group too large', what)

async function orDamaged<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ParquetFailure) throw error
    throw new ParquetFailure('damaged', (error as Error).message)
  }
}

/** What a page says of its size is not to be believed when it is larger than the whole group may be. */
function capped(compressors: Compressors, groupBytesMax: number): Compressors {
  return Object.fromEntries(
    Object.entries(compressors).map(([codec, decompress]) => [
      codec,
      (input: Uint8Array, outputLength: number) => {
        if (outputLength > groupBytesMax) throw tooLarge(`A page of ${outputLength} bytes`)
        return decompress!(input, outputLength)
      },
    ]),
  ) as Compressors
}

export const binaryNote = (cells: number): string =>
  `${cells} ${cells === 1 ? 'value holds' : 'values hold'} bytes that are no text; they were stored as base64.`

/** The error that an upload of such a file ends with. */
export function parquetError(
  { reason, message }: Pick<ParquetFailure, 'reason' | 'message'>,
  groupBytesMax: number,
): AppError {
  if (reason === 'damaged')
    return corrupt('damaged_file', 'The Parquet file cannot be read', `${message}. Write or upload it again.`)
  return groupTooLarge(`${message} is in it, ${groupBytesMax} are allowed.`)
}

export const groupTooLarge = (what: string, cause?: unknown): AppError =>
  limit(
    'row_group_too_large',
    'A row group of the Parquet file is too large',
    `${what} Write it with smaller row groups (\`row_group_size=1000\` in pyarrow), or as JSON Lines.`,
    cause,
  )
