import { expect, test } from 'vitest'
import { checkFirstBytes } from './check-first-bytes.ts'

const options = { declaredFormat: 'auto', rowBytesMax: 1 << 26, depthMax: 100, rowsMax: 3 } as const
const row = (text: string) => `${JSON.stringify({ prompt: text, completion: 'c' })}\n`

test('a part of a file in which the first row does not end is not refused', async () => {
  const head = Buffer.from(row('p'.repeat(5000))).subarray(0, 4000)
  const { refusal, report } = await checkFirstBytes(head, { ...options, partial: true })
  expect([refusal, report.rows_read]).toEqual([null, 0])
})

test('a part of a file in UTF-16 may end inside of a character', async () => {
  const file = Buffer.from(`\ufeff${row('p')}${row('\u{1f600}'.repeat(9))}`, 'utf16le')
  const inPair = file.indexOf(Buffer.from('\ud83d', 'utf16le')) + 2
  for (const end of [inPair, inPair + 1]) {
    const { refusal, report } = await checkFirstBytes(file.subarray(0, end), { ...options, partial: true })
    expect([refusal, report.rows_read]).toEqual([null, 1])
  }
  const { refusal } = await checkFirstBytes(file.subarray(0, inPair), { ...options, partial: false })
  expect(refusal?.message).toBe('The file is not valid UTF-16')
})
