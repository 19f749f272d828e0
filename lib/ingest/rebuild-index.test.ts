import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { createIngestEngine } from './ingest.ts'
import type { IngestOptions } from './ingest.types.ts'
import { ObjectCursor } from './object-cursor.ts'
import { readRowTexts } from './read-rows.ts'
import { rebuildMemberIndex } from './rebuild-index.ts'

const engine = createIngestEngine({ workers: 1 })
afterAll(() => engine.close())

const limits = { rowBytesMax: 1 << 20, inflatedBytesMax: 1 << 30, inflationRatioMax: 200, depthMax: 100 }
const options: IngestOptions = { declaredFormat: 'auto', onError: 'refuse', limits }
const rowCount = 30_000
const row = (n: number) => `{"text":"${n} ${'x'.repeat(500)}"}`

/** An object of four members or so. */
const stored = (async () => {
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let n = 0; n < rowCount; n++) yield Buffer.from(`${row(n)}\n`)
  }
  const run = engine.ingest(source(), options)
  const members: Uint8Array[] = []
  for await (const member of run.stream) members.push(member)
  return { object: Buffer.concat(members), members: (await run.result).members }
})()

async function* piecesOf(object: Uint8Array, size = object.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < object.length; at += size) yield object.subarray(at, at + size)
}
const overStream = (object: Uint8Array, size?: number) => ObjectCursor.overStream(piecesOf(object, size))

function overRanges(object: Uint8Array) {
  let fetched = 0
  const cursor = ObjectCursor.overRanges(async (start) => {
    return (async function* () {
      for await (const piece of piecesOf(object.subarray(start), 4096)) {
        fetched += piece.length
        yield piece
      }
    })()
  }, object.length)
  return { cursor, fetched: () => fetched }
}

/** The rows that an index finds are those of the text, whatever made the object. */
async function expectRows(object: Uint8Array, texts: string[]): Promise<void> {
  const members = await rebuildMemberIndex(overStream(object, 1000))
  expect(members.reduce((sum, { rows }) => sum + rows, 0)).toBe(texts.length)
  expect(members.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBe(object.length)
  const getRange = async (start: number, end: number) => object.subarray(start, end)
  expect(await readRowTexts({ members, getRange, offset: 0, limit: texts.length + 1 })).toEqual(texts)
  for (const [n, text] of texts.entries())
    expect(await readRowTexts({ members, getRange, offset: n, limit: 1 })).toEqual([text])
}

describe('an index from the object alone', () => {
  test('is the one that was made with it, whatever pieces it comes in', async () => {
    const { object, members } = await stored
    for (const size of [7, 4096, object.length])
      expect(await rebuildMemberIndex(overStream(object, size))).toEqual(members)
  })

  test('is the same when every member is inflated, which gives the rows', async () => {
    const { object, members } = await stored
    let text = 0
    const onRaw = (bytes: Uint8Array) => {
      text += bytes.length
    }
    expect(await rebuildMemberIndex(overStream(object, 4096), { onRaw })).toEqual(members)
    expect(text).toBe(Array.from({ length: rowCount }, (_, n) => row(n).length + 1).reduce((a, b) => a + b))
  })

  test('fetches the heads of members and little more, where the store answers ranges', async () => {
    const { object } = await stored
    // Compressed, these rows are small; members that are not worth a request are read through.
    const large = Buffer.concat(Array.from({ length: 3 }, () => bigMember))
    const { cursor, fetched } = overRanges(large)
    expect(await rebuildMemberIndex(cursor)).toHaveLength(3)
    expect(fetched()).toBeLessThan(large.length / 100)
    expect(await rebuildMemberIndex(overRanges(object).cursor)).toEqual((await stored).members)
  })

  test('has one entry for a file that gzip made, with or without a name, with or without a last newline', async () => {
    const texts = ['{"a":1}', '{"a":"ü"}', '', '{"a":3}']
    const plain = gzipSync(`${texts.join('\n')}\n`)
    await expectRows(plain, texts)
    await expectRows(gzipSync(texts.join('\n')), texts)
    const named = Buffer.concat([plain.subarray(0, 3), Buffer.of(8), plain.subarray(4, 10)])
    await expectRows(Buffer.concat([named, Buffer.from('rows.jsonl\0'), plain.subarray(10)]), texts)
  })

  test('joins members of others that end inside a row, and passes over empty ones', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({ maxLength: 30 }).map((text) => JSON.stringify(text)),
          { minLength: 1, maxLength: 20 },
        ),
        fc.array(fc.nat({ max: 700 }), { maxLength: 8 }),
        async (texts, cuts) => {
          const text = Buffer.from(`${texts.join('\n')}\n`)
          const at = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length]
          const members = at.slice(1).map((end, n) => gzipSync(text.subarray(at[n], end)))
          await expectRows(Buffer.concat(members), texts)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('continues with members of ours behind those of others', async () => {
    const { object, members } = await stored
    const first = gzipSync('{"a":1}\n')
    const whole = Buffer.concat([first, object])
    const found = await rebuildMemberIndex(overStream(whole, 5000))
    expect(found.reduce((sum, { rows }) => sum + rows, 0)).toBe(rowCount + 1)
    expect(found.at(-1)).toMatchObject({ sizeBytes: members.at(-1)!.sizeBytes, rows: members.at(-1)!.rows })
  })

  test.each([
    ['cut off', (object: Buffer) => object.subarray(0, -1)],
    ['followed by something else', (object: Buffer) => Buffer.concat([object, Buffer.from('more')])],
  ])('is refused when the object is %s', async (_, spoil) => {
    const { object } = await stored
    for (const whole of [object, gzipSync('{"a":1}\n{"a":2}\n')])
      await expect(rebuildMemberIndex(overStream(spoil(whole)))).rejects.toMatchObject({
        code: 'corrupt_object',
      })
  })

  test('is refused when a byte of a row is another, where rows are asked for', async () => {
    const { object } = await stored
    const spoilt = Buffer.from(object)
    spoilt[5000]! ^= 1
    const rebuilt = rebuildMemberIndex(overStream(spoilt), { onRaw: () => {} })
    await expect(rebuilt).rejects.toMatchObject({ code: 'corrupt_object' })
    await expect(rebuildMemberIndex(overStream(Buffer.from('{"a":1}\n')))).rejects.toMatchObject({
      code: 'corrupt_object',
    })
  })
})

/** A member of ours in everything that its head says. */
const bigMember = (() => {
  const bytes = Buffer.alloc(3 << 20)
  bytes.set([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 12, 0, 0x46, 0x4c, 8, 0])
  bytes.writeUInt32LE(bytes.length, 16)
  bytes.writeUInt32LE(1000, 20)
  return bytes
})()
