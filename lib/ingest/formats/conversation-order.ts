import type { RowReading } from './row-reading.ts'
import type { Message } from './turn.ts'

/** Warns, once a row, of turns in an order that chat templates refuse or that teach nothing. */
export function checkOrder(messages: readonly Message[], pointer: string, reading: RowReading): void {
  const at = (index: number) => (pointer === '' ? '' : `${pointer}/${index}`)
  let spoken = false
  for (let index = 0; index < messages.length; index++) {
    const { role } = messages[index]!
    if (role === 'assistant') spoken = true
    if (role === 'system' && index > 0) {
      reading.report('messages.system_place', at(index), 'A system message comes after other turns')
      break
    }
    const before = messages[index - 1]
    if (before && before.role === role && (role === 'user' || role === 'assistant')) {
      reading.report('messages.alternation', at(index), `Two ${role} turns follow each other`)
      break
    }
  }
  if (!spoken && !messages.some((message) => message.role === 'assistant')) {
    reading.report('messages.no_answer', pointer, 'No turn is by the assistant')
  }
}
