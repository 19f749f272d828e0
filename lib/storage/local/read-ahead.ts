import type { FileHandle } from 'node:fs/promises'

/** Large enough that a turn of the loop does not count, small enough that a page of memory is used again. */
const readBytes = 512 * 1024
/** The disk reads these while whoever wanted the bytes is busy with the ones before. */
const readsAhead = 3

/**
 * The bytes from `start` up to and without `end`, read ahead of whoever takes them; the file is closed when they end,
 * fail or are wanted no more. Not a generator, because one that is closed before its first `next()` never runs its
 * `finally`, and the file would stay open.
 */
export function readAhead(
  file: FileHandle,
  { start, end }: { start: number; end: number },
): AsyncIterableIterator<Uint8Array> {
  const reads: Promise<Uint8Array>[] = []
  let at = start
  let closed: Promise<void> | null = null

  const keepReading = () => {
    while (!closed && reads.length < readsAhead && at < end) {
      const read = readWhole(file, at, Math.min(readBytes, end - at))
      // Told when its turn comes; until then a failure is nobody's.
      read.catch(() => {})
      reads.push(read)
      at += readBytes
    }
  }
  const close = () => {
    closed ??= Promise.allSettled(reads.splice(0)).then(() => file.close())
    return closed
  }

  const iterator: AsyncIterableIterator<Uint8Array> = {
    [Symbol.asyncIterator]: () => iterator,
    async next() {
      keepReading()
      const read = reads.shift()
      try {
        const value = await read
        if (value?.byteLength) {
          keepReading()
          return { done: false, value }
        }
      } catch (error) {
        await close()
        throw error
      }
      await close()
      return { done: true, value: undefined }
    },
    async return() {
      await close()
      return { done: true, value: undefined }
    },
  }
  return iterator
}

/** So many bytes from there, or fewer where the file ends before: a read may bring less than was asked for. */
async function readWhole(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}
