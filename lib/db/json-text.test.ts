import { expect, test } from 'vitest'
import { jsonText } from './json-text.ts'

test.each([
  ['plain "text" \\ and ü 🙂', 'plain "text" \\ and ü 🙂'],
  ['a\u0000b', 'a\ufffdb'],
  ['half \ud83d of a pair', 'half \ufffd of a pair'],
  ['the words \\u0000 and \\\\ud800', 'the words \\u0000 and \\\\ud800'],
  ['\\\u0000', '\\\ufffd'],
])('%j is stored as %j', (text, stored) => {
  expect(JSON.parse(jsonText({ text }))).toEqual({ text: stored })
})
