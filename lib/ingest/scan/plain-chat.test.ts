import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RowReader } from '../rows/row-reader.ts'
import { PlainChat } from './plain-chat.ts'

const encoder = new TextEncoder()

function readsPlainly(text: string): PlainChat | null {
  const chat = new PlainChat()
  const bytes = encoder.encode(`  ${text}  `)
  return chat.reads(bytes, 2, bytes.length - 2) ? chat : null
}

/** What the parser makes of the row: null unless it goes as it is and nothing is said about it. */
function parsed(text: string) {
  const reader = new RowReader({ format: 'chatml', declared: false, depthMax: 100 })
  const { rows, texts } = reader.readJson(text)
  const { failed, findings, collisions } = reader.reading
  const isPlain = !failed && findings.length === 0 && collisions.length === 0 && texts === null
  return isPlain ? rows[0]!.tally : null
}

const ask = (content: string) => ({ role: 'user', content })
const answer = (content: string) => ({ role: 'assistant', content })

describe('rows that are read from their bytes', () => {
  test.each([
    ['two turns', { messages: [ask('Why?'), answer('Because.')] }],
    [
      'a system message first',
      { messages: [{ role: 'system', content: 'Be brief.' }, ask('a'), answer('b')] },
    ],
    [
      'tools that answer twice',
      {
        messages: [ask('a'), answer('b'), { role: 'tool', content: '1' }, { role: 'tool', content: '2' }],
      },
    ],
    ['escapes and every width of UTF-8', { messages: [ask('"\\\n\t\u0001/é€😀'), answer('\ud800 alone')] }],
  ])('%s', (_, row) => {
    for (const text of [JSON.stringify(row), JSON.stringify(row, null, 2), JSON.stringify(row, null, '\t')]) {
      const chat = readsPlainly(text)
      expect(chat).not.toBeNull()
      expect(chat!.tally).toEqual(parsed(text))
    }
  })

  test('their line breaks are named, with the space behind each', () => {
    const text = JSON.stringify({ messages: [ask('one\ntwo'), answer('b')] }, null, 2).replaceAll(
      '\n',
      '\r\n',
    )
    const { breaks } = readsPlainly(text)!
    let rest = ''
    let from = 2
    for (let at = 0; at < breaks.length; at += 2) {
      rest += `  ${text}`.slice(from, breaks[at])
      from = breaks[at + 1]!
    }
    expect(rest + text.slice(from - 2)).toBe(text.replace(/[\r\n]+[ \t\r\n]*/g, ''))
  })
})

test.each([
  ['another key', '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"id":1}'],
  [
    'another key in a turn',
    '{"messages":[{"role":"user","content":"a","name":"n"},{"role":"assistant","content":"b"}]}',
  ],
  [
    'keys in another order',
    '{"messages":[{"content":"a","role":"user"},{"role":"assistant","content":"b"}]}',
  ],
  [
    'a role that is called otherwise',
    '{"messages":[{"role":"human","content":"a"},{"role":"gpt","content":"b"}]}',
  ],
  ['an empty turn', '{"messages":[{"role":"user","content":""},{"role":"assistant","content":"b"}]}'],
  ['nothing by the assistant', '{"messages":[{"role":"user","content":"a"}]}'],
  [
    'two turns by one role',
    '{"messages":[{"role":"assistant","content":"a"},{"role":"assistant","content":"b"}]}',
  ],
  [
    'a late system message',
    '{"messages":[{"role":"assistant","content":"a"},{"role":"system","content":"b"}]}',
  ],
  ['no turn', '{"messages":[]}'],
  ['a comma too many', '{"messages":[{"role":"assistant","content":"a"},]}'],
  ['no quote at the end', '{"messages":[{"role":"assistant","content":"a}]}'],
  ['an escape that is none', String.raw`{"messages":[{"role":"assistant","content":"\x"}]}`],
  ['half an escape', String.raw`{"messages":[{"role":"assistant","content":"\u12"}]}`],
  ['a control character', '{"messages":[{"role":"assistant","content":"\u0001"}]}'],
  ['something behind it', '{"messages":[{"role":"assistant","content":"a"}]}}'],
  ['nothing', ''],
])('%s has to be parsed', (_, text) => {
  expect(readsPlainly(text)).toBeNull()
})

test('whatever is read from its bytes, the parser reads alike; and it reads all that goes as it is', () => {
  const role = fc.constantFrom('system', 'user', 'assistant', 'tool', 'human')
  const content = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom('', '\ud800', '\u2028'),
  )
  const turn = fc.record({ role, content })
  const row = fc.record({ messages: fc.array(turn, { maxLength: 4 }) })
  const space = fc.constantFrom('', ' ', '\n', '\r\n\t')
  const damage = fc.option(fc.tuple(fc.nat(), fc.constantFrom('"', '\\', '}', ',', '\n', 'x')), {
    freq: 3,
    nil: null,
  })
  fc.assert(
    fc.property(row, space, damage, (value, indent, broken) => {
      const whole = JSON.stringify(value, null, indent)
      const at = broken === null ? 0 : broken[0] % whole.length
      const text = broken === null ? whole : whole.slice(0, at) + broken[1] + whole.slice(at + 1)
      const chat = readsPlainly(text)
      expect(chat?.tally ?? null).toEqual(parsed(text))
    }),
    { numRuns: 2000 },
  )
})
