const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const backslash = 0x5c
const openingBrace = 0x7b
const closingBrace = 0x7d

/** Of a key, as much as can be told of it; of a number or a word, as much as it may have. */
const textBytesMax = 400
/** What nests deeper is taken for broken. */
const depthMax = 1000

/** One key of the object around the rows, and what its value shows. */
export interface WrapperKey {
  /** The beginning of a long one. */
  name: string
  isEmptyList: boolean
  /** A list that has an object in it. */
  holdsObjects: boolean
}

type State = 'start' | 'key or }' | 'key' | ':' | 'value' | 'scalar' | 'nested' | ', or }' | 'end' | 'broken'

/**
 * Walks over the object around the rows, in pieces and however long it is, and holds none of it but the first of its
 * keys. Keys, brackets and strings are checked; what stands inside of a value is not.
 */
export class WrapperScan {
  /** At most so many keys are kept, and the first that holds objects. */
  static readonly keysMax = 64
  readonly keys: WrapperKey[] = []
  private state: State = 'start'
  private inString = false
  private isEscaped = false
  /** Closing brackets that are due inside of a value. */
  private readonly closers: number[] = []
  private key: WrapperKey = { name: '', isEmptyList: false, holdsObjects: false }
  private text: number[] = []

  get isComplete(): boolean {
    return this.state === 'end'
  }

  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && this.state !== 'broken'; at++) {
      const byte = bytes[at]!
      if (this.inString) this.stepInString(byte)
      else if (byte > 0x20) this.step(byte)
      else if (this.state === 'scalar') this.endScalar()
    }
  }

  private stepInString(byte: number): void {
    const isEnd = byte === quote && !this.isEscaped
    if (byte < 0x20) this.state = 'broken'
    else if (!isEnd) {
      if (this.state === 'key' && this.text.length < textBytesMax) this.text.push(byte)
      this.isEscaped = byte === backslash && !this.isEscaped
    } else {
      this.inString = false
      if (this.state === 'key') this.endKey()
      else if (this.state === 'value') this.endValue()
    }
  }

  private step(byte: number): void {
    switch (this.state) {
      case 'start':
        this.state = byte === openingBrace ? 'key or }' : 'broken'
        return
      case 'key or }':
      case 'key':
        if (byte === quote) {
          this.state = 'key'
          this.inString = true
        } else this.state = byte === closingBrace && this.state === 'key or }' ? 'end' : 'broken'
        return
      case ':':
        this.state = byte === colon ? 'value' : 'broken'
        return
      case 'value':
        this.beginValue(byte)
        return
      case 'scalar':
        if (byte !== comma && byte !== closingBrace) {
          this.text.push(byte)
          if (this.text.length > textBytesMax) this.state = 'broken'
          return
        }
        this.endScalar()
        this.step(byte)
        return
      case 'nested':
        this.stepInside(byte)
        return
      case ', or }':
        this.state = byte === comma ? 'key' : byte === closingBrace ? 'end' : 'broken'
        return
      default:
        this.state = 'broken'
    }
  }

  private beginValue(byte: number): void {
    if (byte === quote) this.inString = true
    else if (isOpening(byte)) {
      this.state = 'nested'
      this.closers.push(byte + 2)
      this.key.isEmptyList = byte !== openingBrace
    } else {
      this.state = 'scalar'
      this.text.push(byte)
    }
  }

  private stepInside(byte: number): void {
    const isClosing = byte === this.closers.at(-1)
    if (!isClosing) this.key.isEmptyList = false
    if (isClosing) {
      this.closers.pop()
      if (this.closers.length === 0) this.endValue()
    } else if (isOpening(byte)) {
      const isElement = this.closers.length === 1 && this.closers[0] !== closingBrace
      if (isElement && byte === openingBrace) this.key.holdsObjects = true
      this.closers.push(byte + 2)
      if (this.closers.length > depthMax) this.state = 'broken'
    } else if (byte === quote) this.inString = true
    else if (isOpening(byte - 2)) this.state = 'broken'
  }

  private endKey(): void {
    const name = textOf(this.text)
    this.key = { name: parsed(`"${name}"`) ?? name, isEmptyList: false, holdsObjects: false }
    this.text = []
    this.state = ':'
  }

  private endScalar(): void {
    const value = parsed(textOf(this.text))
    this.text = []
    if (value === undefined) this.state = 'broken'
    else this.endValue()
  }

  private endValue(): void {
    const isFirstWithObjects = this.key.holdsObjects && !this.keys.some(({ holdsObjects }) => holdsObjects)
    if (this.keys.length < WrapperScan.keysMax || isFirstWithObjects) this.keys.push(this.key)
    this.state = ', or }'
  }
}

/** { or [, which closes with the character two behind it. */
const isOpening = (byte: number): boolean => byte === openingBrace || byte === 0x5b

const textOf = (bytes: number[]): string => new TextDecoder().decode(Uint8Array.from(bytes))

function parsed(text: string) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
