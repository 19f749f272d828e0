export interface ServerSentEvent {
  id: string | null
  event: string
  data: string
}

/** Longest event that is kept while it arrives. */
const eventCharactersMax = 4 * 1024 * 1024

/** Events of a `text/event-stream` body (WHATWG HTML, section 9.2); an event cut off by the end is dropped. */
export async function* readEventStream(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  let rest = ''
  let current: { id: string | null; event: string; data: string[] } = { id: null, event: 'message', data: [] }
  for await (const chunk of textOf(body)) {
    rest += chunk
    if (rest.length > eventCharactersMax) throw new Error('An event of the stream is too long')
    let lineStart = 0
    for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n', lineStart)) {
      const line = rest.slice(lineStart, end).replace(/\r$/, '')
      lineStart = end + 1
      if (line !== '') {
        takeLine(current, line)
        continue
      }
      if (current.data.length > 0) yield { ...current, data: current.data.join('\n') }
      current = { id: current.id, event: 'message', data: [] }
    }
    rest = rest.slice(lineStart)
  }
}

async function* textOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield decoder.decode(value, { stream: true })
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

function takeLine(event: { id: string | null; event: string; data: string[] }, line: string) {
  const colon = line.indexOf(':')
  if (colon === 0) return
  const field = colon === -1 ? line : line.slice(0, colon)
  const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
  if (field === 'data') event.data.push(value)
  else if (field === 'event') event.event = value
  else if (field === 'id') event.id = value
}
