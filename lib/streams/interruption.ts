/**
 * Waits for one promise after the other until it is told to stop: then the wait that is under way rejects, and every
 * later one. `Promise.race` with a promise that does not settle would do the same, and would keep 256 bytes of every wait
 * for as long as that promise lives: of an upload of 10 GB, 40 MB each time that its chunks are waited for.
 */
export class Interruption {
  #reject: ((error: unknown) => void) | null = null
  #reason: { error: unknown } | null = null

  /** The first call counts. */
  interrupt(error: unknown): void {
    this.#reason ??= { error }
    this.#reject?.(this.#reason.error)
  }

  /** One at a time. */
  wait<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#reject = reject
      // Also of a promise that nobody waits for any more, a failure is taken note of here.
      promise.then(resolve, reject)
      if (this.#reason) reject(this.#reason.error)
    })
  }
}
