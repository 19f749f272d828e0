/**
 * What one stored row adds to the statistics. `input` is what the model is given, `output` what it learns to say:
 * the assistant's turns of a chat; the mean of both answers of a preference, so that pairs weigh as one answer does.
 * A text without turns is all input.
 */
export interface RowTally {
  input: number
  output: number
  characters: number
  turns: number
  system: number
  user: number
  assistant: number
  tool: number
  /** Parts of a content that are no text: images, audio, video. */
  parts: number
  /** Characters of assistant turns; the formats turn it into `output`. */
  spoken: number
}

export const newTally = (): RowTally => ({
  input: 0,
  output: 0,
  characters: 0,
  turns: 0,
  system: 0,
  user: 0,
  assistant: 0,
  tool: 0,
  parts: 0,
  spoken: 0,
})

export function resetTally(tally: RowTally): void {
  tally.input = 0
  tally.output = 0
  tally.characters = 0
  tally.turns = 0
  tally.system = 0
  tally.user = 0
  tally.assistant = 0
  tally.tool = 0
  tally.parts = 0
  tally.spoken = 0
}

export function tallyTurn(tally: RowTally, role: Role, characters: number): void {
  tally.turns++
  tally[role]++
  tally.characters += characters
  if (role === 'assistant') tally.spoken += characters
}

export type Role = 'system' | 'user' | 'assistant' | 'tool'
