import type { Problem } from '#lib/training/dataset.types.ts'
import { problemWithoutSecrets } from './without-secrets.ts'

export const listedProblemsMax = 100

export interface LoggedProblems {
  errors: Problem[]
  warnings: Problem[]
  counts: Record<string, number>
}

/** Counts every problem and keeps the first hundred errors and the first hundred warnings. */
export class ProblemLog {
  private readonly errors: Problem[] = []
  private readonly warnings: Problem[] = []
  private readonly counts = new Map<string, number>()
  private errorCount = 0

  add(problem: Problem): void {
    this.count(problem.rule, 1)
    if (problem.severity === 'error') this.errorCount++
    this.list(problem)
  }

  /** Takes in what a block found; its counts may exceed what it lists. */
  merge(block: LoggedProblems, errorCount: number): void {
    for (const [rule, count] of Object.entries(block.counts)) this.count(rule, count)
    this.errorCount += errorCount
    for (const problem of block.errors) this.list(problem)
    for (const problem of block.warnings) this.list(problem)
  }

  get hasErrors(): boolean {
    return this.errorCount > 0
  }

  get errorTotal(): number {
    return this.errorCount
  }

  logged(): LoggedProblems {
    return { errors: this.errors, warnings: this.warnings, counts: Object.fromEntries(this.counts) }
  }

  /** The first hundred for the report: warnings only fill the room that errors leave. */
  listed(): Problem[] {
    return [...this.errors, ...this.warnings].slice(0, listedProblemsMax)
  }

  private count(rule: string, count: number): void {
    this.counts.set(rule, (this.counts.get(rule) ?? 0) + count)
  }

  private list(problem: Problem): void {
    const list = problem.severity === 'error' ? this.errors : this.warnings
    if (list.length < listedProblemsMax) list.push(problemWithoutSecrets(problem))
  }
}
