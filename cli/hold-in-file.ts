import { createWriteStream } from 'node:fs'
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { HeldFile, HoldFile } from '#lib/ingest/parquet/held-file.ts'

/** Parquet is read from its end: where it lies, or, when it came out of a compressed file, in a temporary one. */
export const holdFileOf =
  (path: string): HoldFile =>
  async (bytes) => {
    const file = await open(path)
    if (await isParquet(file)) {
      await bytes[Symbol.asyncIterator]().return?.()
      return heldFile(file, () => Promise.resolve())
    }
    await file.close()
    return holdInTemporaryFile(bytes)
  }

async function isParquet(file: FileHandle): Promise<boolean> {
  const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0)
  return buffer.toString('latin1') === 'PAR1'
}

const holdInTemporaryFile: HoldFile = async (bytes) => {
  const folder = await mkdtemp(join(tmpdir(), 'finetunelab-'))
  const release = () => rm(folder, { recursive: true, force: true })
  try {
    const path = join(folder, 'file')
    await pipeline(Readable.from(bytes, { objectMode: false }), createWriteStream(path, { mode: 0o600 }))
    return await heldFile(await open(path), release)
  } catch (error) {
    await release()
    throw error
  }
}

async function heldFile(file: FileHandle, release: () => Promise<void>): Promise<HeldFile> {
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
}
