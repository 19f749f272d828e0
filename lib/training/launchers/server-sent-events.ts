/** One event of a `text/event-stream` (WHATWG HTML, section 9.2). */
export interface ServerSentEvent {
  id: string | null
  event: string | null
  data: string
}

export interface StreamBounds {
  /** Ends the reading, however much there is. */
  seconds: number
  /** Ends it once nothing has come for so long: what there was has been read. */
  idleSeconds: number
  bytesMax: number
}

const eventCharactersMax = 256 * 1024

/**
 * Reads what a stream holds now. Providers keep log streams open, so the end is a matter of time: after the bounds, or
 * when the server closes. A stream that breaks ends like one that was closed; the next reading goes on from its cursor.
 */
export async function* readEvents(
  response: Response,
  bounds: StreamBounds,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  if (!response.body) return
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  const end = Date.now() + bounds.seconds * 1000
  let bytes = 0
  let rest = ''
  try {
    while (bytes < bounds.bytesMax) {
      const patience = Math.min(bounds.idleSeconds * 1000, end - Date.now())
      const chunk = patience > 0 ? await readWithin(reader, patience) : null
      if (!chunk) return
      bytes += chunk.byteLength
      rest += decoder.decode(chunk, { stream: true })
      // A carriage return at the end may be half of a line's end.
      const parts = rest.split(/\r\n\r\n|\n\n|\r\r(?!$)/)
      rest = parts.pop() ?? ''
      if (rest.length > eventCharactersMax) rest = ''
      for (const part of parts) {
        const event = eventOf(part)
        if (event) yield event
      }
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

async function readWithin(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  milliseconds: number,
): Promise<Uint8Array | null> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), milliseconds)
  })
  try {
    const read = reader.read().then(({ value }) => value ?? null)
    return await Promise.race([read, tooLong])
  } catch {
    return null
  } finally {
    clearTimeout(timer)
  }
}

/** Null for comments and keep-alives. */
function eventOf(text: string): ServerSentEvent | null {
  const event: ServerSentEvent = { id: null, event: null, data: '' }
  const data: string[] = []
  for (const line of text.split(/\r\n|\n|\r/)) {
    const match = /^(id|event|data)(?:: ?(.*))?$/.exec(line)
    if (!match) continue
    const value = match[2] ?? ''
    if (match[1] === 'data') data.push(value)
    else event[match[1] as 'id' | 'event'] = value
  }
  if (data.length === 0) return null
  event.data = data.join('\n')
  return event
}
