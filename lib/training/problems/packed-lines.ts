import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

const compress = promisify(gzip)

/** Text behind each other is worth compressing; more of it only takes memory. */
const packCharacters = 256 * 1024

/** Lines of text, nearly all of them held as gzip members: a readable file of them may be ten times as large. */
export class PackedLines {
  #packs: Promise<Uint8Array>[] = []
  #open: string[] = []
  #openCharacters = 0

  get isEmpty(): boolean {
    return this.#packs.length === 0 && this.#open.length === 0
  }

  /** Each ends with a newline. */
  add(line: string): void {
    this.#open.push(line)
    this.#openCharacters += line.length
    if (this.#openCharacters >= packCharacters) this.#pack()
  }

  /** Moves the other's lines behind these. */
  take(other: PackedLines): void {
    const { packs, open } = other.#emptied()
    if (packs.length > 0) this.#pack()
    this.#packs.push(...packs)
    for (const line of open) this.add(line)
  }

  /** One gzip file of all lines, which are gone from here. */
  async takeBytes(): Promise<Uint8Array<ArrayBuffer>> {
    this.#pack()
    const { packs } = this.#emptied()
    return new Uint8Array(Buffer.concat(await Promise.all(packs)))
  }

  #emptied(): { packs: Promise<Uint8Array>[]; open: string[] } {
    const held = { packs: this.#packs, open: this.#open }
    this.#packs = []
    this.#open = []
    this.#openCharacters = 0
    return held
  }

  #pack(): void {
    if (this.#open.length === 0) return
    const pack = compress(this.#open.join(''))
    // Awaited when the bytes are wanted; until then a failure is nobody's.
    pack.catch(() => {})
    this.#packs.push(pack)
    this.#open = []
    this.#openCharacters = 0
  }
}
