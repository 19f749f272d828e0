const firstCapacity = 256

/** Numbers in one typed array that doubles when it is full: 100,000 of them cost 800 kB and no objects. */
export class GrowableColumn {
  #values = new Float64Array(firstCapacity)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** NaN beyond the ends. */
  at(index: number): number {
    return index >= 0 && index < this.#length ? (this.#values[index] ?? Number.NaN) : Number.NaN
  }

  push(value: number): void {
    this.#reserve(this.#length + 1)
    this.#values[this.#length++] = value
  }

  set(index: number, value: number): void {
    if (index < this.#length) this.#values[index] = value
  }

  /** Everything from `index` on moves one place up. */
  insert(index: number, value: number): void {
    this.#reserve(this.#length + 1)
    this.#values.copyWithin(index + 1, index, this.#length)
    this.#values[index] = value
    this.#length++
  }

  /** What is held now, without a copy; stale as soon as the column grows. */
  view(): Float64Array {
    return this.#values.subarray(0, this.#length)
  }

  #reserve(length: number): void {
    if (length <= this.#values.length) return
    const grown = new Float64Array(Math.max(length, this.#values.length * 2))
    grown.set(this.#values.subarray(0, this.#length))
    this.#values = grown
  }
}
