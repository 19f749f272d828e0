import { z } from 'zod'
import type { LogLine } from '#lib/training/job.types.ts'
import type { SageMakerApi } from './api-types.ts'
import { logLineOf } from './mapper.ts'

/** Where each stream of a job was read up to: an instance that replaces a lost one has a stream of its own. */
const cursorSchema = z.record(z.string(), z.string())

/** One page is up to 10,000 lines. */
const pagesMax = 5

/** Lines after the cursor, oldest first within a stream; an empty answer is normal. */
export async function readLogs(
  api: SageMakerApi,
  name: string,
  cursor: string | null,
): Promise<{ lines: LogLine[]; cursor: string | null }> {
  const tokens = readCursor(cursor)
  const lines: LogLine[] = []
  let pages = 0
  // With the slash: without it the prefix would also match a job whose name begins like this one's.
  for (const stream of await api.logStreams(`${name}/`)) {
    while (pages++ < pagesMax) {
      const before = tokens[stream] ?? null
      const { events, token } = await api.logEvents(stream, before)
      lines.push(...events.map(logLineOf))
      if (token) tokens[stream] = token
      if (token === before || !token) break
    }
  }
  return { lines, cursor: Object.keys(tokens).length > 0 ? JSON.stringify(tokens) : null }
}

/** A cursor that cannot be read begins again: repeated lines are better than none. */
function readCursor(cursor: string | null): Record<string, string> {
  if (!cursor) return {}
  try {
    return cursorSchema.parse(JSON.parse(cursor))
  } catch {
    return {}
  }
}
