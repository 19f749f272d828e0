import { existsSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../../..')

/** The sample that comes with the application: conversations. */
export const kitchenAssistant = join(root, 'examples/kitchen-assistant.jsonl')

/** Real files from the wild, where this checkout has them beside it. */
export function realFile(name: string): string | null {
  const path = join(root, '../shared/datasets', name)
  return existsSync(path) ? path : null
}

interface SampleFile {
  name: string
  mimeType: string
  buffer: Buffer
}

export function jsonLines(name: string, rows: readonly unknown[]): SampleFile {
  const text = rows.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`).join('')
  return { name, mimeType: 'application/jsonl', buffer: Buffer.from(text) }
}

export function conversations(count: number, answerCharacters = 60) {
  return Array.from({ length: count }, (_, at) => ({
    messages: [
      { role: 'user', content: `Question ${at + 1}: what is ${at + 1} times two?` },
      { role: 'assistant', content: `It is ${(at + 1) * 2}. `.repeat(Math.ceil(answerCharacters / 10)) },
    ],
  }))
}

export const preferences = [
  { prompt: 'How do I boil an egg?', chosen: 'Seven minutes in boiling water.', rejected: 'No idea.' },
  { prompt: 'Is rice a grain?', chosen: 'Yes, it is.', rejected: 'Rice is a fish.' },
]

/** Good rows with three bad ones among them: lines 2, 4 and 5. */
export const brokenRows = [
  {
    messages: [
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Good day' },
    ],
  },
  '{"messages": [{"role": "user", "content": "cut off',
  {
    messages: [
      { role: 'user', content: 'Thanks' },
      { role: 'assistant', content: 'My pleasure' },
    ],
  },
  { messages: [{ role: 'robot', content: 'Beep' }] },
  { messages: 'not a list' },
]
