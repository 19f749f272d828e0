import type { LogLine } from '#lib/training/job.types.ts'
import { readEvents, type StreamBounds } from '../server-sent-events.ts'
import type { RunPodClient } from './client.ts'
import { logLineOf } from './mapper.ts'

/** The stream stays open, so its end is a matter of time. */
const bounds: StreamBounds = { seconds: 6, idleSeconds: 1.5, bytesMax: 1024 ** 2 }
export const tailMax = 5000

export interface LogPage {
  lines: LogLine[]
  cursor: string | null
}

/**
 * The lines after `cursor`, which is `<lines read with that id> <event id>`: ids are times, so several lines may share
 * one, and whether the server repeats the last one is its own affair.
 */
export async function readPodLog(
  client: RunPodClient,
  podId: string,
  cursor: string | null,
  tail: number,
): Promise<LogPage> {
  const last = /^(\d+) (.+)$/s.exec(cursor ?? '')
  const lastId = last?.[2] ?? ''
  let id = lastId
  let withId = Number(last?.[1] ?? 0)
  let repeated = withId
  const lines: LogLine[] = []
  const stop = new AbortController()
  const response = await client.openLogs(
    podId,
    { tail, ...(lastId ? { lastEventId: lastId } : {}) },
    stop.signal,
  )
  try {
    for await (const event of readEvents(response, bounds)) {
      const line = logLineOf(event.data)
      if (!line) continue
      const eventId = event.id ?? line.at
      if (lastId && isBefore(eventId, lastId)) continue
      if (eventId === lastId && repeated > 0) {
        repeated--
        continue
      }
      withId = eventId === id ? withId + 1 : 1
      id = eventId
      lines.push(line)
    }
  } finally {
    stop.abort()
  }
  return { lines, cursor: id ? `${withId} ${id}` : null }
}

function isBefore(a: string, b: string): boolean {
  const [timeA, timeB] = [a, b].map((id) => Date.parse(id.split('/')[0]!)) as [number, number]
  if (Number.isNaN(timeA) || Number.isNaN(timeB) || timeA === timeB) return a.length === b.length && a < b
  return timeA < timeB
}
