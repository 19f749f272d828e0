import { isAppError } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { DoctorEvent, DoctorOptions } from '#lib/training/doctor/doctor.types.ts'
import { examineStores } from '#lib/training/doctor/examine-stores.ts'

/** Reading an object of some gigabytes says nothing for minutes; callers give up on a silent answer. */
const aliveMilliseconds = 10_000

/** The doctor's events as lines of JSON, each as soon as it is known. Whoever goes away stops the doctor. */
export function doctorStream(services: Services, options: DoctorOptions, signal: AbortSignal): Response {
  const stop = new AbortController()
  const events = examineStores(services, options, AbortSignal.any([signal, stop.signal]))
  const text = new TextEncoder()
  const lineOf = (event: DoctorEvent) => text.encode(`${JSON.stringify(event)}\n`)
  let alive: NodeJS.Timeout
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      alive = setInterval(() => controller.enqueue(lineOf({ type: 'alive' })), aliveMilliseconds)
    },
    async pull(controller) {
      try {
        const { done, value } = await events.next()
        if (!done) return controller.enqueue(lineOf(value))
      } catch (error) {
        if (!isAppError(error)) services.log.error({ err: error }, 'the doctor broke off')
        controller.enqueue(lineOf({ type: 'broken', message: wordsOf(error) }))
      }
      clearInterval(alive)
      controller.close()
    },
    cancel() {
      clearInterval(alive)
      stop.abort()
    },
  })
  return new Response(body, {
    headers: { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store' },
  })
}

const wordsOf = (error: unknown): string =>
  isAppError(error)
    ? [error.message, error.details].flat().filter(Boolean).join(' ')
    : "Something went wrong; the application's log says what."
