import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CsvCutter } from './csv-cutter.ts'
import { csvRecords } from './csv-records.ts'

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`

const table = fc
  .tuple(fc.integer({ min: 2, max: 4 }), fc.constantFrom(',', ';', '\t'), fc.constantFrom('\n', '\r\n'))
  .chain(([columns, delimiter, newline]) => {
    const cell = fc.string({
      unit: fc.constantFrom('a', 'b', '"', '\n', '\r\n', ',', ';', '\t', ' ', 'é'),
      maxLength: 8,
    })
    const row = fc.array(cell, { minLength: columns, maxLength: columns })
    return fc.record({
      rows: fc.array(row, { minLength: 1, maxLength: 8 }),
      delimiter: fc.constant(delimiter),
      newline: fc.constant(newline),
    })
  })

test('records written by the book are read back, with the lines that they span', () => {
  fc.assert(
    fc.property(table, ({ rows, delimiter, newline }) => {
      const text = rows.map((row) => row.map(quoted).join(delimiter) + newline).join('')
      const records = [...csvRecords(text, delimiter)]
      expect(records.map((record) => record.cells)).toEqual(rows)
      expect(records.some((record) => record.badQuote)).toBe(false)
      let line = 1
      for (const record of records) {
        expect(record.line).toBe(line)
        line += record.lines
      }
      expect(line - 1).toBe(text.split('\n').length - 1)
    }),
  )
})

test('whatever cells need no quotes may go without, and csv-parse reads the same', () => {
  fc.assert(
    fc.property(table, ({ rows, delimiter, newline }) => {
      const plain = (cell: string) => (cell === '' || /["\r\n,;\t]/.test(cell) ? quoted(cell) : cell)
      const text = rows.map((row) => row.map(plain).join(delimiter) + newline).join('')
      const theirs = parse(text, { delimiter, record_delimiter: newline })
      expect([...csvRecords(text, delimiter)].map((record) => record.cells)).toEqual(theirs)
    }),
  )
})

test('blocks are cut behind records only, wherever the chunks end', () => {
  fc.assert(
    fc.property(table, fc.integer({ min: 1, max: 9 }), ({ rows, delimiter, newline }, size) => {
      const bytes = Buffer.from(rows.map((row) => row.map(quoted).join(delimiter) + newline).join(''))
      const cutter = new CsvCutter(delimiter)
      for (let at = 0; at < bytes.length; at += size) {
        cutter.look(bytes, at, Math.min(at + size, bytes.length))
        const whole = bytes.subarray(0, cutter.cut()).toString()
        const records = [...csvRecords(whole, delimiter)]
        expect(records.map((record) => record.cells)).toEqual(rows.slice(0, records.length))
      }
      expect(cutter.cut()).toBe(bytes.length)
    }),
  )
})

test('a quote inside a plain cell is a quote', () => {
  expect([...csvRecords('a 5" pipe,b\nc,d\n', ',')].map((record) => record.cells)).toEqual([
    ['a 5" pipe', 'b'],
    ['c', 'd'],
  ])
})

test('a quote that is never closed is told with the line that it opens on', () => {
  const records = [...csvRecords('a,b\nc,"d\ne,f\n', ',')]
  expect(records[1]).toMatchObject({ line: 2, badQuote: true })
})
