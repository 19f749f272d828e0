import type { DatasetFormat, JsonValue } from '#lib/training/dataset.types.ts'
import { alpaca } from './alpaca.ts'
import { anyObject } from './any-object.ts'
import { chatml } from './chatml.ts'
import { dpo } from './dpo.ts'
import { kto } from './kto.ts'
import { openorca } from './openorca.ts'
import { promptCompletion } from './prompt-completion.ts'
import { rawText } from './raw-text.ts'
import { rlhf } from './rlhf.ts'
import type { RowFormat } from './row-format.ts'
import { sharegpt } from './sharegpt.ts'
import { unnatural } from './unnatural.ts'

export const formats = {
  chatml,
  sharegpt,
  alpaca,
  openorca,
  unnatural,
  prompt_completion: promptCompletion,
  dpo,
  kto,
  rlhf,
  raw_text: rawText,
  jsonl: anyObject,
} as const satisfies Record<DatasetFormat, RowFormat>

/** The more telling first: a preference pair that also has messages is a preference pair. */
const precedence: readonly RowFormat[] = [
  dpo,
  kto,
  rlhf,
  chatml,
  sharegpt,
  unnatural,
  alpaca,
  openorca,
  promptCompletion,
  rawText,
]

/** The format whose shape a row has; null when it has none of the known ones. */
export const recognise = (row: JsonValue): DatasetFormat | null =>
  precedence.find((format) => format.matches(row))?.id ?? null
