/** A lock that is handed on in the order in which it was asked for. */
export class Exclusive {
  #tail: Promise<void> = Promise.resolve()

  /** Resolves when the lock is held, to the function that gives it back. */
  async acquire(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const before = this.#tail
    this.#tail = before.then(() => promise)
    await before
    return resolve
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.acquire()
    try {
      return await work()
    } finally {
      release()
    }
  }
}
