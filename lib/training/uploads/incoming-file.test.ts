import { afterEach, describe, expect, it, vi } from 'vitest'
import { IncomingFile, windowBytes } from './incoming-file.ts'

const megabyte = new Uint8Array(1 << 20)
const never = new AbortController().signal

async function* megabytes(
  count: number,
  then: () => Promise<void> = async () => {},
): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) yield megabyte
  await then()
}

const fileOf = (body: AsyncIterable<Uint8Array>, sizeBytes: number, signal = never, offset = 0) =>
  new IncomingFile({ body, offset, sizeBytes, signal })

async function drained(file: IncomingFile): Promise<number> {
  let bytes = 0
  for await (const chunk of file) bytes += chunk.length
  return bytes
}

afterEach(() => {
  vi.useRealTimers()
})

describe('a file that comes in', () => {
  it('is whole when its last byte is there, and takes no byte more', async () => {
    const file = fileOf(megabytes(5), 3 << 20)
    expect(await drained(file)).toBe(3 << 20)
    expect(file.isPaused).toBe(false)
  })

  it('is paused when the body ends before the file does', async () => {
    const file = fileOf(megabytes(2), 9 << 20, never, 4 << 20)
    expect(await drained(file)).toBe(2 << 20)
    expect(file.isPaused).toBe(true)
    expect(file.receivedOffset).toBe(6 << 20)
  })

  it('is paused, and no error, when the connection breaks', async () => {
    const broken = megabytes(1, () => Promise.reject(new Error('ECONNRESET')))
    const file = fileOf(broken, 9 << 20)
    expect(await drained(file)).toBe(1 << 20)
    expect(file.isPaused).toBe(true)
  })

  it('is paused when the sender goes away, or says nothing for half a minute', async () => {
    const gone = new AbortController()
    const left = fileOf(
      megabytes(1, () => new Promise(() => {})),
      9 << 20,
      gone.signal,
    )
    const leaving = drained(left)
    setImmediate(() => gone.abort())
    expect(await leaving).toBe(1 << 20)

    vi.useFakeTimers()
    const silent = fileOf(
      megabytes(1, () => new Promise(() => {})),
      9 << 20,
    )
    const waiting = drained(silent)
    await vi.advanceTimersByTimeAsync(31_000)
    expect(await waiting).toBe(1 << 20)
    expect([left.isPaused, silent.isPaused]).toEqual([true, true])
  })

  it('is read no further than the window beyond what is safe, while blocks are worked on', async () => {
    const file = fileOf(megabytes(100), 100 << 20)
    file.setBlocksInFlight(2)
    const draining = drained(file)
    await vi.waitFor(() => expect(file.receivedOffset).toBe(windowBytes))
    await new Promise(setImmediate)
    expect(file.receivedOffset).toBe(windowBytes)
    file.markSafe(4 << 20)
    await vi.waitFor(() => expect(file.receivedOffset).toBe(windowBytes + (4 << 20)))
    // A row longer than the window fills a block that nobody works on yet.
    file.setBlocksInFlight(0)
    expect(await draining).toBe(100 << 20)
  })
})
