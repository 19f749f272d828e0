import { type LogLine, logLevels } from '#lib/training/job.types.ts'

export type LogLevel = (typeof logLevels)[number]
export type LogStream = LogLine['stream']
const streams = ['stdout', 'stderr', 'runner'] as const satisfies readonly LogStream[]

/** Lines in the order of arrival, as three plain columns: an object a line would triple the memory of a long log. */
class LogColumns {
  readonly texts: string[] = []
  readonly times: number[] = []
  readonly tags: number[] = []

  push({ at, level, stream, line }: LogLine): void {
    this.texts.push(line)
    this.times.push(Date.parse(at))
    this.tags.push(logLevels.indexOf(level) * 4 + streams.indexOf(stream))
  }
}

/**
 * A log that grows at both ends: forward as it is written, backward as older pages are fetched.
 *
 * A line has a position that never changes: 0 for the first that was known, negative for the older ones.
 * Each event is taken once, by its id, on whichever end it arrives.
 */
export class LogStore {
  readonly #newer = new LogColumns()
  /** The oldest line last. */
  readonly #older = new LogColumns()
  #firstEventId = Number.POSITIVE_INFINITY
  #lastEventId = 0

  /** The position of the oldest line. */
  get start(): number {
    return -this.#older.texts.length
  }

  /** One past the position of the newest line. */
  get end(): number {
    return this.#newer.texts.length
  }

  get length(): number {
    return this.end - this.start
  }

  /** The oldest event that is held: what lies before it can be asked for. */
  get firstEventId(): number | null {
    return this.#lastEventId === 0 ? null : this.#firstEventId
  }

  get lastEventId(): number {
    return this.#lastEventId
  }

  append(eventId: number, lines: readonly LogLine[]): boolean {
    if (eventId <= this.#lastEventId) return false
    this.#lastEventId = eventId
    this.#firstEventId = Math.min(this.#firstEventId, eventId)
    for (const line of lines) this.#newer.push(line)
    return true
  }

  prepend(eventId: number, lines: readonly LogLine[]): boolean {
    if (eventId >= this.#firstEventId) return false
    this.#firstEventId = eventId
    this.#lastEventId = Math.max(this.#lastEventId, eventId)
    for (const line of lines.toReversed()) this.#older.push(line)
    return true
  }

  text(position: number): string {
    return this.#pick('texts', position) ?? ''
  }

  /** Milliseconds since the epoch. */
  time(position: number): number {
    return this.#pick('times', position) ?? Number.NaN
  }

  level(position: number): LogLevel {
    return logLevels[(this.#pick('tags', position) ?? 4) >> 2] ?? 'info'
  }

  stream(position: number): LogStream {
    return streams[(this.#pick('tags', position) ?? 0) & 3] ?? 'stdout'
  }

  #pick<Column extends 'texts' | 'times' | 'tags'>(column: Column, position: number) {
    const values = position < 0 ? this.#older[column] : this.#newer[column]
    return values[position < 0 ? -position - 1 : position] as LogColumns[Column][number] | undefined
  }
}
