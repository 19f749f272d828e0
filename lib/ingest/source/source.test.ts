import { Readable } from 'node:stream'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { hasPlaces } from '#lib/client/has-places.ts'
import { sniffCompression } from './compression.ts'
import { foreignFile } from './foreign-file.ts'
import { inflate } from './inflate.ts'
import { sniffLayout } from './sniff-layout.ts'

const limits = { inflatedBytesMax: 1e9, inflationRatioMax: 200 }

async function* bytewise(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (const byte of bytes) yield Uint8Array.of(byte)
}

async function inflated(
  bytes: Uint8Array,
  compression: 'gzip' | 'zstd',
  source: AsyncIterable<Uint8Array> = bytewise(bytes),
): Promise<string> {
  let text = ''
  for await (const chunk of inflate(source, compression, limits)) text += Buffer.from(chunk).toString()
  return text
}

describe('decompression', () => {
  test.each([
    ['gzip', gzipSync] as const,
    ['zstd', (text: string) => zstdCompressSync(Buffer.from(text))] as const,
  ])(
    '%s: several in a row are one, anything else behind them is an error, a cut is an error',
    async (name, pack) => {
      const two = Buffer.concat([pack('one '), pack('two')])
      expect(await inflated(two, name)).toBe('one two')
      const trailing = inflated(Buffer.concat([two, Buffer.from('garbage')]), name)
      await expect(trailing).rejects.toMatchObject({ kind: 'corrupt', code: 'trailing_data' })
      const cut = inflated(pack('a text that is cut off').subarray(0, -5), name)
      await expect(cut).rejects.toMatchObject({ kind: 'corrupt', code: 'truncated_file' })
    },
  )

  test('zstd: frames that are to be skipped may stand before the data and behind it', async () => {
    const skipped = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])
    const file = Buffer.concat([skipped, zstdCompressSync(Buffer.from('text')), skipped])
    expect(sniffCompression(file)).toBe('zstd')
    expect(hasPlaces(file)).toBe(false)
    expect(await inflated(file, 'zstd')).toBe('text')
  })

  test('gzip: zeros may follow, as on tapes, and nothing behind them', async () => {
    const [one, two] = [gzipSync('one '), gzipSync('two')]
    const zeros = Buffer.alloc(600)
    expect(await inflated(Buffer.concat([one, two, zeros]), 'gzip')).toBe('one two')
    for (const behind of [two, Buffer.from('garbage')]) {
      const hidden = Buffer.concat([one, zeros.subarray(0, 1), behind])
      await expect(inflated(hidden, 'gzip')).rejects.toMatchObject({ code: 'trailing_data' })
      const whole = inflated(hidden, 'gzip', Readable.from([hidden]))
      await expect(whole).rejects.toMatchObject({ code: 'trailing_data' })
    }
  })

  test('passes on what the source throws', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield gzipSync('text').subarray(0, 5)
      throw new Error('the network is gone')
    }
    const reading = (async () => {
      for await (const _chunk of inflate(broken(), 'gzip', limits));
    })()
    await expect(reading).rejects.toThrow('the network is gone')
  })
})

describe('what a text is, by its first characters', () => {
  const containerOf = (head: string, complete = true): string => {
    const { layout } = sniffLayout(head, complete, undefined)
    return layout.container === 'json' ? `json ${layout.root}` : layout.container
  }

  test.each([
    ['{"a":1}\n{"a":2}\n', 'jsonl'],
    ['{"a":1}', 'jsonl'],
    ['{"messages":[{"role":"user"}]}', 'jsonl'],
    ['{\n  "a": 1\n}\n', 'json sequence'],
    ['{\n  "data": [\n    {"a": 1}\n  ]\n}', 'json wrapped'],
    ['{"version":"1","data":[{"a":1}]}', 'json wrapped'],
    ['[{"a":1}]', 'json array'],
    ['[\n  {\n    "a": 1\n  }\n]', 'json array'],
    ['{"data": [\n  {"a": 1},\n  {"a": 2}\n]}', 'json wrapped'],
    ['{\n"functions":[{"name":"f"}],\n"messages":[]\n}\n{\n"messages":[]\n}', 'json sequence'],
    ['{\n"parts":[{"a":1}]\n}\n{\n"parts":[]\n}', 'json sequence'],
    ['{"parts":[{"a":1}],"messages":[]\n{"messages":[]}\n', 'jsonl'],
    ['{"parts":[{"a":1}],"b":1\n{"parts":[],"b":2}\n', 'jsonl'],
    ['[]', 'json array'],
    ['["a","b"]', 'json array'],
    ['[\n  1,\n  2\n]', 'json array'],
    ['[null,{"text":"a"}]', 'json array'],
    ['"a"\n"b"\n', 'jsonl'],
    ['"text"\n"a"\n', 'csv'],
    ['"Hello," she said.\n', 'text'],
    ['[{"role":"user","content":"a"}]\n[{"role":"user","content":"b"}]\n', 'jsonl'],
    ["{'a': 1}\n{'a': 2}\n", 'jsonl'],
    ['oops\n{"a":1}\n{"a":2}\n{"a":3}\n', 'jsonl'],
    ['prompt,completion\na,b\n', 'csv'],
    ['text\nsome words\n', 'csv'],
    ['question\tanswer\na\tb\n', 'tsv'],
    ['id,name\n1,Ann\n2,Bob\n', 'csv'],
    ['Hello, world\nGood, day\nSo, long\n', 'text'],
    ['# Title\n\nWords, and more words.\n', 'text'],
    ['[1] A reference, numbered.\n', 'text'],
    ['{{ template }}\n', 'text'],
  ])('%j is %s', (head, container) => {
    expect(containerOf(head)).toBe(container)
  })

  test('a first row that is longer than what is looked at is still a row', () => {
    expect(containerOf(`{"messages":[{"role":"user","content":"${'a'.repeat(1000)}`, false)).toBe('jsonl')
    expect(containerOf(`{"data":[{"text":"${'a'.repeat(1000)}`, false)).toBe('json wrapped')
    expect(containerOf('{"documents":[{"a":1}],"messages":[{"role":"user","content":"aa', false)).toBe(
      'jsonl',
    )
    expect(containerOf('["a","b, c","d, ', false)).toBe('json array')
  })
})

test('a text may begin with the letters that other files begin with', () => {
  expect(foreignFile(Buffer.from('SQLite is a library.\n'))).toBeNull()
  expect(foreignFile(Buffer.from('BZhang wrote this.\n'))).toBeNull()
  expect(foreignFile(Buffer.from('SQLite format 3\0'))).toBe('an SQLite database')
  expect(foreignFile(Buffer.from('BZh91AY&SY'))).toBe('a bzip2 file')
})
