import { EventEmitter } from 'node:events'

/** Within this process: whoever sends an upload is nearly always asked after here, and elsewhere is looked again. */
const news = new EventEmitter().setMaxListeners(0)

export function tellOfUpload(id: string): void {
  news.emit(id)
}

/** Resolves when something is told of an upload, or after so long, or when nobody waits any more. */
export function newsOfUpload(id: string, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      news.off(id, end)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    news.once(id, end)
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
  })
}
