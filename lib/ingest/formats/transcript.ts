import type { JsonObject } from './row-format.ts'

/*
 * Anthropic's first preference data writes a conversation as one string, every turn opened by a blank line and the
 * name of who speaks: "\n\nHuman: ...\n\nAssistant: ...".
 */
const opening = /^\s*Human:/
const turnStart = /(?:^\s*|\n\n)(Human|Assistant):/g

export const isTranscript = (text: string): boolean => opening.test(text) && /\n\nAssistant:/.test(text)

/** The turns of a transcript. A last assistant turn that is empty only asks for an answer and is left out. */
export function transcriptTurns(text: string): JsonObject[] {
  const starts = [...text.matchAll(turnStart)]
  const turns = starts.map((start, index) => {
    const end = starts[index + 1]?.index ?? text.length
    const content = text.slice(start.index + start[0].length, end)
    return { role: start[1] === 'Human' ? 'user' : 'assistant', content: content.trim() }
  })
  const last = turns.at(-1)
  return last && last.role === 'assistant' && last.content === '' ? turns.slice(0, -1) : turns
}
