import type { LogLevel, LogStore } from './log-store.ts'

export interface LogQuery {
  /** Matched anywhere in a line, whatever the case. */
  text: string
  levels: ReadonlySet<LogLevel>
}

const levelsInAll = 4

/** True when the query lets every line through, so that nothing needs to be looked at. */
export function matchesAll(query: LogQuery): boolean {
  return query.text === '' && query.levels.size === levelsInAll
}

/**
 * The positions of a store's lines that match, kept up while the store grows at either end: a line is looked at
 * once. `scan` looks at a limited number of lines, so that a million of them do not stop the page.
 */
export class LogFilter {
  readonly #store: LogStore
  readonly #levels: ReadonlySet<LogLevel>
  readonly #pattern: RegExp | null
  readonly #newer: number[] = []
  /** Descending. */
  readonly #older: number[] = []
  #scannedTo = 0
  #scannedFrom = 0

  constructor(store: LogStore, query: LogQuery) {
    this.#store = store
    this.#levels = query.levels
    this.#pattern = query.text ? new RegExp(escaped(query.text), 'iu') : null
    this.#scannedTo = store.end
    this.#scannedFrom = store.end
  }

  get length(): number {
    return this.#older.length + this.#newer.length
  }

  /** The position of the match with this index, the oldest being 0. */
  position(index: number): number {
    const older = this.#older.length
    return (index < older ? this.#older[older - 1 - index] : this.#newer[index - older]) ?? 0
  }

  get done(): boolean {
    return this.#scannedTo === this.#store.end && this.#scannedFrom === this.#store.start
  }

  /** Looks at new lines first, then at older ones, at most `lines` in all; true when everything is looked at. */
  scan(lines: number): boolean {
    const forward = Math.min(this.#store.end, this.#scannedTo + lines)
    const backward = Math.max(this.#store.start, this.#scannedFrom - (lines - (forward - this.#scannedTo)))
    for (; this.#scannedTo < forward; this.#scannedTo++)
      if (this.#matches(this.#scannedTo)) this.#newer.push(this.#scannedTo)
    while (this.#scannedFrom > backward) {
      this.#scannedFrom--
      if (this.#matches(this.#scannedFrom)) this.#older.push(this.#scannedFrom)
    }
    return this.done
  }

  #matches(position: number): boolean {
    if (!this.#levels.has(this.#store.level(position))) return false
    return this.#pattern === null || this.#pattern.test(this.#store.text(position))
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

/** Where `text` occurs in a line, as `[start, end)` pairs, for marking. */
export function occurrences(line: string, text: string): [number, number][] {
  if (!text) return []
  const found: [number, number][] = []
  for (const match of line.matchAll(new RegExp(escaped(text), 'giu')))
    found.push([match.index, match.index + match[0].length])
  return found
}
