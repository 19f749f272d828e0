import type { Problem } from '#lib/training/dataset.types.ts'
import { type RuleId, rules } from './rules.ts'

/** Where a row is: its physical line (1-based), or its index (0-based) in an array. */
export interface Place {
  line: number | null
  index: number | null
}

/** What is wrong inside one row, before anyone knows where the row is. */
export interface Finding {
  rule: RuleId
  pointer: string
  message: string
  expected?: string
  /** Where the caller chose another than the rule's own. */
  severity?: Problem['severity']
}

export const placed = (finding: Finding, place: Place): Problem => ({
  line: place.line,
  index: place.index,
  pointer: finding.pointer,
  rule: finding.rule,
  severity: finding.severity ?? rules[finding.rule].severity,
  message: finding.message,
  expected: finding.expected ?? rules[finding.rule].expected,
})

/** The same place, seen from the beginning of the file rather than of a block. */
export const shifted = (problem: Problem, lines: number, rows: number): Problem => ({
  ...problem,
  line: problem.line === null ? null : problem.line + lines,
  index: problem.index === null ? null : problem.index + rows,
})
