import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { hasPlaces, headBytes } from '#lib/client/has-places.ts'
import type { UploadSource } from '#lib/client/send-upload.ts'

/** Bytes that may have left and not be safe: less than 16 MB, and more than the server needs to make some of them safe. */
export const windowBytes = 15 << 20

/** When an answer brings nothing new, or none comes. */
const askAgainMilliseconds = 50
/** When nothing becomes safe for so long, the server may be in the middle of a row that is longer than the window. */
const silenceMilliseconds = 10_000

export interface Standing {
  /** Where the upload goes on if the connection breaks now. */
  offset: number
  /** False once the server has seen that nothing of the file can be safe before all of it is there. */
  resumable: boolean
  status: string
}

/**
 * A file that is sent no further than `windowBytes` beyond what the server has safe. The system's socket buffers take
 * tens of megabytes before they push back, and all that they hold is lost with the connection. `standingBeyond` answers as
 * soon as more than so many bytes are safe, or after a moment; it is asked while there is still room, so that the answer is
 * there before the room is gone.
 */
export async function openWindowedFile(
  path: string,
  standingBeyond: (safe: number) => Promise<Standing>,
): Promise<UploadSource> {
  const { size } = await stat(path)
  const isWindowed = hasPlaces(await headOf(path))
  // Of the requests that were made of this file, only the last is alive.
  let request = 0

  async function* sent(start: number, end: number, mine: number): AsyncGenerator<Buffer> {
    let window = isWindowed ? windowBytes : Number.POSITIVE_INFINITY
    let safe = start
    let at = start
    let asking: Promise<void> | null = null
    const ask = () => {
      asking ??= standingBeyond(safe)
        .then(
          ({ offset, resumable, status }) => {
            if (!resumable || status !== 'receiving') window = Number.POSITIVE_INFINITY
            safe = Math.max(safe, offset)
          },
          () => {},
        )
        .finally(() => {
          asking = null
        })
      return asking
    }
    for await (const chunk of createReadStream(path, { start, end: end - 1, highWaterMark: 1 << 17 })) {
      if (at + chunk.length - safe > window / 2) void ask()
      const since = performance.now()
      while (at + chunk.length - safe > window) {
        const before = safe
        await ask()
        if (mine !== request) return
        if (safe > before) continue
        if (performance.now() - since > silenceMilliseconds) window *= 2
        else await wait(askAgainMilliseconds)
      }
      at += chunk.length
      yield chunk
    }
  }

  return {
    size,
    async slice(start, end) {
      request++
      const body = Readable.from(sent(start, end, request), { objectMode: false, highWaterMark: 1 })
      return { value: Object.assign(body, { size: end - start }), done: end >= size }
    },
    close() {
      request++
    },
  }
}

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
