import { newTally } from '../report/row-tally.ts'
import { keepExtras } from './extras.ts'
import { has, isNumber, kindOf } from './json-object.ts'
import type { JsonObject, RowFormat } from './row-format.ts'
import { readSide } from './side.ts'

/** `{"prompt", "response", "reward"}`. */
export const rlhf: RowFormat = {
  id: 'rlhf',
  shape: 'reward',
  looksLike: '{"prompt": ..., "response": ..., "reward": 0.5}',

  matches: (row) => has(row, 'prompt', 'response', 'reward'),

  read(value, reading) {
    const row = value as JsonObject
    if (!isNumber(row.reward)) {
      reading.report('rlhf.reward', '/reward', `reward is ${kindOf(row.reward)}`)
    }
    const tally = newTally()
    const prompt = readSide(row.prompt, 'user', '/prompt', reading, tally)
    tally.input = tally.characters
    const response = readSide(row.response, 'assistant', '/response', reading, tally)
    tally.output = tally.characters - tally.input
    const canonical: JsonObject = { prompt, response, reward: row.reward! }
    const kept = keepExtras(canonical, row, ['prompt', 'response', 'reward'], reading)
    return [{ row: kept, unchanged: false, tally }]
  },
}
