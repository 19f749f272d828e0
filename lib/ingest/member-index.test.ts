import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { createIngestEngine } from './ingest.ts'
import type { IngestOptions, MemberIndexEntry } from './ingest.types.ts'
import { decodeMemberIndex, encodeMemberIndex, membersForRows } from './member-index.ts'
import { readRows } from './read-rows.ts'

const engine = createIngestEngine({ workers: 1 })
afterAll(() => engine.close())

const limits = { rowBytesMax: 1 << 20, inflatedBytesMax: 1 << 30, inflationRatioMax: 200, depthMax: 100 }
const options: IngestOptions = { declaredFormat: 'auto', onError: 'refuse', limits }

/** An object of four members or so, whose row n is `{"text": "n ..."}`. */
const rowCount = 30_000
const padding = 'x'.repeat(500)
const stored = (async () => {
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let n = 0; n < rowCount; n++) yield Buffer.from(`{"text":"${n} ${padding}"}\n`)
  }
  const run = engine.ingest(source(), options)
  const members: Uint8Array[] = []
  for await (const member of run.stream) members.push(member)
  return { object: Buffer.concat(members), members: (await run.result).members }
})()

const index = fc
  .array(fc.tuple(fc.integer({ min: 24, max: 2 ** 32 - 1 }), fc.integer({ min: 1, max: 2 ** 32 - 1 })))
  .map((sizes) => {
    const members: MemberIndexEntry[] = []
    let offset = 0
    let firstRow = 0
    for (const [sizeBytes, rows] of sizes) {
      members.push({ offset, sizeBytes, firstRow, rows })
      offset += sizeBytes
      firstRow += rows
    }
    return members
  })

describe('the index of members', () => {
  test('comes back from its bytes as it went in', () => {
    fc.assert(
      fc.property(index, (members) => {
        expect(decodeMemberIndex(encodeMemberIndex(members))).toEqual(members)
      }),
    )
  })

  test('takes a few bytes a member', async () => {
    const { members } = await stored
    expect(encodeMemberIndex(members).length).toBeLessThanOrEqual(1 + members.length * 6)
  })

  test('refuses bytes that are none', () => {
    expect(() => decodeMemberIndex(Uint8Array.of(9, 1, 1))).toThrow('cannot be read')
    expect(() => decodeMemberIndex(Uint8Array.of(1, 5))).toThrow('cannot be read')
    expect(() => decodeMemberIndex(Uint8Array.of(1, 5, 0x80))).toThrow('cannot be read')
  })

  test('finds the members of any rows', async () => {
    const { members } = await stored
    expect(members.length).toBeGreaterThan(2)
    const second = members[1]!
    expect(membersForRows(members, second.firstRow, 1)).toEqual([second])
    expect(membersForRows(members, second.firstRow - 1, 2)).toEqual(members.slice(0, 2))
    expect(membersForRows(members, 0, rowCount)).toEqual(members)
    expect(membersForRows(members, rowCount, 10)).toEqual([])
    expect(membersForRows(members, 0, 0)).toEqual([])
  })
})

describe('rows of a stored object', () => {
  test('are the ones asked for, from one range that is no larger than needed', async () => {
    const { object, members } = await stored
    const second = members[1]!
    for (const offset of [0, 17, second.firstRow - 3, second.firstRow, rowCount - 2]) {
      const ranges: Array<[number, number]> = []
      const rows = await readRows({
        members,
        offset,
        limit: 5,
        async getRange(start, end) {
          ranges.push([start, end])
          return object.subarray(start, end)
        },
      })
      const expected = Array.from(
        { length: Math.min(5, rowCount - offset) },
        (_, i) => `${offset + i} ${padding}`,
      )
      expect(rows.map((row) => (row as { text: string }).text)).toEqual(expected)
      expect(ranges).toHaveLength(1)
      expect(ranges[0]![1] - ranges[0]![0]).toBeLessThan(object.length * 0.7)
    }
  })

  test('have their numbers as they are stored', async () => {
    const row = '{"id":12345678901234567890,"score":1.0,"far":1e400}'
    const object = gzipSync(`${row}\n`)
    const members = [{ offset: 0, sizeBytes: object.length, firstRow: 0, rows: 1 }]
    const rows = await readRows({ members, getRange: async () => object, offset: 0, limit: 1 })
    expect(JSON.stringify(rows)).toBe(`[${row}]`)
  })

  test('behind the last one are none, and nothing is read for them', async () => {
    const { members } = await stored
    const getRange = () => Promise.reject(new Error('read'))
    expect(await readRows({ members, getRange, offset: rowCount, limit: 5 })).toEqual([])
  })

  test('in damaged bytes are an error that says so', async () => {
    const { members } = await stored
    const getRange = async (start: number, end: number) => new Uint8Array(end - start)
    await expect(readRows({ members, getRange, offset: 0, limit: 1 })).rejects.toMatchObject({
      kind: 'corrupt',
      code: 'corrupt_object',
    })
  })
})
