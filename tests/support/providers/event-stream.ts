import type { ServerResponse } from 'node:http'

export interface LogEvent {
  id?: string
  data: unknown
}

/** A log that can be read as server-sent events: what there is, then what comes, until the reader goes. */
export class LogStream {
  readonly events: LogEvent[] = []
  readonly #readers = new Set<ServerResponse>()

  add(event: LogEvent): void {
    this.events.push(event)
    for (const reader of this.#readers) reader.write(written(event))
  }

  /** Starts at the given index; ends by itself if `isOver`. */
  serve(response: ServerResponse, from: number, isOver = false): void {
    response.write(': connected\n\n')
    for (const event of this.events.slice(from)) response.write(written(event))
    if (isOver) return void response.end()
    this.#readers.add(response)
    response.on('close', () => this.#readers.delete(response))
  }

  end(): void {
    for (const reader of this.#readers) reader.end()
    this.#readers.clear()
  }
}

function written({ id, data }: LogEvent): string {
  return `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
}

export const eventStreamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
}
