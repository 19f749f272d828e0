import { type ErrorKind, isAppError } from '#lib/errors/app-error.ts'

export type StorageOperation =
  | 'put'
  | 'resumablePut'
  | 'head'
  | 'getRange'
  | 'signDownload'
  | 'delete'
  | 'list'
  | 'probe'

/** One finished call to a store, for the metrics page. */
export interface StorageObservation {
  provider: string
  operation: StorageOperation
  /** `failed` is an error that was not the store's: the source of a `put` threw it. */
  outcome: 'ok' | 'failed' | ErrorKind
  milliseconds: number
  /** Payload that went through; 0 for calls that move none. */
  bytes: number
}

export type ObserveStorage = (observation: StorageObservation) => void

export interface Stopwatch {
  count(bytes: number): void
  succeeded(): void
  failed(error: unknown): void
}

/** Starts now, reports once. */
export function startStopwatch(
  provider: string,
  operation: StorageOperation,
  observe: ObserveStorage,
): Stopwatch {
  const started = performance.now()
  let bytes = 0
  let reported = false
  const report = (outcome: StorageObservation['outcome']) => {
    if (reported) return
    reported = true
    observe({ provider, operation, outcome, milliseconds: performance.now() - started, bytes })
  }
  return {
    count(more) {
      bytes += more
    },
    succeeded: () => report('ok'),
    failed: (error) => report(isAppError(error) ? error.kind : 'failed'),
  }
}
