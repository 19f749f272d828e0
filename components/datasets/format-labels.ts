import type { DatasetFormat, DeclaredFormat } from '#lib/training/dataset.types.ts'

export const formatLabels = {
  chatml: 'ChatML',
  sharegpt: 'ShareGPT',
  alpaca: 'Alpaca',
  openorca: 'OpenOrca',
  unnatural: 'Unnatural Instructions',
  prompt_completion: 'Prompt and completion',
  dpo: 'DPO',
  kto: 'KTO',
  rlhf: 'RLHF',
  raw_text: 'Plain text',
  jsonl: 'Other objects',
} as const satisfies Record<DatasetFormat, string>

/** What a row looks like, for somebody who has to choose. */
export const declaredFormatLabels = {
  auto: 'Detect from the file',
  chatml: 'ChatML: messages with role and content',
  sharegpt: 'ShareGPT: conversations with from and value',
  alpaca: 'Alpaca: instruction, input, output',
  openorca: 'OpenOrca: system_prompt, question, response',
  unnatural: 'Unnatural Instructions: instruction, instances',
  prompt_completion: 'Prompt and completion, question and answer',
  dpo: 'DPO: prompt, chosen, rejected',
  kto: 'KTO: prompt, completion, label',
  rlhf: 'RLHF: prompt, response, reward',
  raw_text: 'Plain text',
  jsonl: 'Other objects, kept as they are',
} as const satisfies Record<DeclaredFormat, string>
