import { type JobEvent, jobEventSchema } from '#lib/training/job.types.ts'
import type { StreamListener } from './job-feed.types.ts'

const eventTypes = jobEventSchema.options.map(
  (option) => option.shape.type.value,
) satisfies JobEvent['type'][]

/** A browser's own event stream, which connects again by itself and says where it stopped. */
export function openEventStream(url: string, listener: StreamListener): { close(): void } {
  const stream = new EventSource(url)
  stream.addEventListener('open', () => listener.opened())
  stream.addEventListener('end', () => listener.ended())
  stream.addEventListener('error', () => listener.broken(stream.readyState !== EventSource.CLOSED))
  for (const type of eventTypes) {
    stream.addEventListener(type, (event: MessageEvent<string>) => {
      listener.event(Number(event.lastEventId), type, parsed(event.data))
    })
  }
  return { close: () => stream.close() }
}

/** A line that is not JSON is passed on as nothing, and refused where events are checked. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
