import { createWriteStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { HoldFile } from '#lib/ingest/parquet/held-file.ts'

/** Parquet is read from its end: here it lies in a temporary file meanwhile. */
export const holdInFile: HoldFile = async (bytes) => {
  const folder = await mkdtemp(join(tmpdir(), 'finetunelab-'))
  const release = () => rm(folder, { recursive: true, force: true })
  try {
    const path = join(folder, 'file')
    await pipeline(Readable.from(bytes, { objectMode: false }), createWriteStream(path, { mode: 0o600 }))
    const file = await open(path)
    return {
      sizeBytes: (await file.stat()).size,
      async read(start, end) {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(end - start), 0, end - start, start)
        return buffer.subarray(0, bytesRead)
      },
      async release() {
        await file.close()
        await release()
      },
    }
  } catch (error) {
    await release()
    throw error
  }
}
