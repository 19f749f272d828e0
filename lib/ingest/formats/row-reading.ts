import type { Finding } from '../report/place.ts'
import { type RuleId, rules } from '../report/rules.ts'

/** What comes to light while one row is read. One is used for all rows of a block, in turn. */
export class RowReading {
  findings: Finding[] = []
  /** Keys that could not be kept because the canonical row has a key of that name. */
  collisions: string[] = []
  failed = false
  /** Levels that a row may nest. */
  readonly depthMax: number

  constructor(depthMax: number) {
    this.depthMax = depthMax
  }

  report(rule: RuleId, pointer: string, message: string, expected?: string): void {
    this.findings.push({ rule, pointer, message, expected })
    if (rules[rule].severity === 'error') this.failed = true
  }

  begin(): void {
    if (this.findings.length > 0) this.findings = []
    if (this.collisions.length > 0) this.collisions = []
    this.failed = false
  }
}
