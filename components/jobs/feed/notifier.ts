/** Tells its listeners of changes, at most once in `everyMs`, so that a busy log does not redraw the page all the time. */
export class Notifier {
  readonly #listeners = new Set<() => void>()
  readonly #everyMs: number
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor(everyMs: number) {
    this.#everyMs = everyMs
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  changed(): void {
    this.#timer ??= setTimeout(() => this.flush(), this.#everyMs)
  }

  flush(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    for (const listener of this.#listeners) listener()
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    this.#listeners.clear()
  }
}
