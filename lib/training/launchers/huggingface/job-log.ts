import type { LogLine } from '#lib/training/job.types.ts'
import { readEvents, type StreamBounds } from '../server-sent-events.ts'
import type { HubClient } from './client.ts'
import { logLineOf } from './mapper.ts'

/** Every reading begins at the first line again, so that there is more to read than is new. */
const bounds: StreamBounds = { seconds: 20, idleSeconds: 2, bytesMax: 64 * 1024 ** 2 }
const linesMax = 5000

/** The end is said last, and little follows it. */
const lastLines = 200

export interface LogPage {
  lines: LogLine[]
  cursor: string | null
}

/**
 * The lines after `cursor`, which is `<lines read> <time of the last>`: the stream has no ids. A line is new when it has
 * not been counted yet or, should the server have dropped the oldest ones, when it is younger than the last.
 */
export async function readJobLog(
  client: HubClient,
  { namespace, id }: { namespace: string; id: string },
  cursor: string | null,
): Promise<LogPage> {
  const [counted = '0', lastAt = ''] = (cursor ?? '').split(' ')
  const before = Number(counted) || 0
  const lines: LogLine[] = []
  let index = 0
  const stop = new AbortController()
  const response = await client.openLogs(namespace, id, stop.signal)
  try {
    for await (const event of readEvents(response, bounds)) {
      const line = logLineOf(event.data)
      if (!line) continue
      index++
      if (index <= before && line.at <= lastAt) continue
      lines.push(line)
      if (lines.length >= linesMax) break
    }
  } finally {
    stop.abort()
  }
  const last = lines.at(-1)
  return { lines, cursor: last ? `${Math.max(index, before)} ${last.at}` : cursor }
}

/** The lines that an ended job closed with, however long its log is. */
export async function readLastLines(
  client: HubClient,
  { namespace, id }: { namespace: string; id: string },
): Promise<LogLine[]> {
  const stop = new AbortController()
  const response = await client.openLogs(namespace, id, stop.signal, lastLines)
  const lines: LogLine[] = []
  try {
    for await (const event of readEvents(response, bounds)) {
      const line = logLineOf(event.data)
      if (line) lines.push(line)
      // A server that does not know `tail` begins at the first line.
      if (lines.length > 2 * lastLines) lines.splice(0, lastLines)
    }
  } finally {
    stop.abort()
  }
  return lines.slice(-lastLines)
}
