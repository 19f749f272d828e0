/** One idempotency key for one state of the form: the same launch pressed twice is one job, a changed one another. */
export class LaunchKey {
  readonly #makeKey: () => string
  #state: string | null = null
  #key = ''

  constructor(makeKey: () => string) {
    this.#makeKey = makeKey
  }

  keyFor(state: unknown): string {
    const text = JSON.stringify(state)
    if (text !== this.#state) {
      this.#state = text
      this.#key = this.#makeKey()
    }
    return this.#key
  }
}
