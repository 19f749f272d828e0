import type { Problem } from '#lib/training/dataset.types.ts'

/**
 * Every rule that a file or a row can break: a stable id, how bad it is, and what would be right. Errors refuse the
 * row (or the file), warnings never block. A message may bring a narrower `expected` of its own.
 */
export const rules = {
  'file.empty': error('A file with at least one row'),
  'file.binary': error('JSON Lines, a JSON array, CSV, TSV or plain text, also gzip- or zstd-compressed'),
  'file.rest': error('Nothing after the end of the rows'),
  'encoding.utf8': error('Text in UTF-8'),
  'encoding.utf16': error('Text in UTF-8'),
  'json.syntax': error('One complete JSON object'),
  'json.nan': error('A number or null: JSON has no NaN and no Infinity'),
  'json.depth': error('A flatter row'),
  'json.truncated': error('The whole file: it ends in the middle'),
  'json.wrapper': error('An object that holds one array of rows'),
  'json.duplicate_key': warning('Each key once in an object; the last value counts'),
  'row.object': error('A JSON object'),
  'csv.header': error('A first line that names every column once'),
  'csv.columns': error('As many cells as the header has columns'),
  'csv.quote': error('A closing double quote; a quote inside a quoted cell is written twice'),
  'format.mismatch': error('Rows of one format in a file'),
  'field.string': error('A string'),
  'messages.array': error('A list with at least one turn'),
  'messages.turn': error('An object with a role and a content'),
  'messages.role': error('One of system, user, assistant, tool'),
  'messages.content': error('A string, a list of parts, or null beside tool_calls'),
  'messages.part': error('An object with a type, such as {"type": "text", "text": "..."}'),
  'messages.tool_calls': error('A list of calls: [{"type": "function", "function": {"name", "arguments"}}]'),
  'messages.empty': warning('A turn that says something'),
  'messages.alternation': warning('User and assistant in turn'),
  'messages.system_place': warning('The system message first'),
  'messages.no_answer': warning('At least one assistant turn, or there is nothing to learn'),
  'messages.function_call': warning('{"name": "...", "arguments": {...}}; it was kept as text'),
  'tools.json': warning(
    'A list of tool definitions, or a string that holds one as JSON; it was kept as it was',
  ),
  'alpaca.history': error('A list of [instruction, answer] pairs'),
  'unnatural.instances': error('A list of objects with an input and an output'),
  'dpo.answer': error('A string, a turn, or a list of turns'),
  'dpo.last_turn': warning('A last turn by the assistant: it is what is preferred, or not'),
  'dpo.identical': warning('Two answers that differ'),
  'kto.completion': error('A last turn by the assistant: it is what the label judges'),
  'kto.label': error('true or false'),
  'rlhf.reward': error('A number'),
  'privacy.secret': warning('A placeholder. A key that was in a file should be revoked'),
  'privacy.card': warning('A placeholder, unless the number is a made-up one'),
  'privacy.email': warning('A placeholder, unless its owner agreed'),
  'text.empty': warning('A text that is not empty'),
} as const satisfies Record<string, Rule>

export type RuleId = keyof typeof rules

interface Rule {
  severity: Problem['severity']
  expected: string
}

function error(expected: string) {
  return { severity: 'error', expected } as const
}

function warning(expected: string) {
  return { severity: 'warning', expected } as const
}
