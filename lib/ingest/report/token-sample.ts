/** One row of the sample: its place in a random order, and what it says, as far as it is looked at. */
export interface SampledRow {
  rank: number
  text: string
}

const rowsMax = 256
const charactersMax = 2000

/**
 * A uniform sample of rows, the same whatever order or pieces they come in: the rows that rank first in an order that
 * their own checksums make. Samples of parts merge into the sample of the whole.
 */
export class TokenSample {
  private kept: SampledRow[] = []
  private limit: number

  constructor(below = Number.POSITIVE_INFINITY) {
    this.limit = below
  }

  /** Only rows that rank below this can still be in the sample. */
  get below(): number {
    return this.limit
  }

  add({ rank, text }: SampledRow): void {
    if (rank >= this.limit) return
    this.kept.push({ rank, text: text.slice(0, charactersMax) })
    if (this.kept.length >= rowsMax * 2) this.trim()
  }

  /** In order of rank. */
  rows(): SampledRow[] {
    this.trim()
    return this.kept
  }

  private trim(): void {
    this.kept.sort((one, other) => one.rank - other.rank)
    if (this.kept.length <= rowsMax) return
    this.limit = Math.min(this.limit, this.kept[rowsMax]!.rank)
    this.kept = this.kept.slice(0, rowsMax)
  }
}

export interface TokenRatio {
  tokensPerCharacter: number
  /** Half the width of the 95 % confidence interval, relative; 0 when every row was counted whole. */
  errorRatio: number
}

/** Tokens per character of all rows, by the ratio estimator (Cochran, Sampling Techniques, chapter 6). */
export function tokenRatio(
  sample: readonly SampledRow[],
  tokens: readonly number[],
  rowsInAll: number,
): TokenRatio | null {
  const characters = sample.map(({ text }) => text.length)
  const tokenSum = sum(tokens)
  const characterSum = sum(characters)
  if (characterSum === 0 || tokenSum === 0) return null
  const tokensPerCharacter = tokenSum / characterSum
  const count = sample.length
  const whole = count >= rowsInAll && characters.every((length) => length < charactersMax)
  if (whole) return { tokensPerCharacter, errorRatio: 0 }
  if (count < 2) return { tokensPerCharacter, errorRatio: 1 }
  const squares = sum(tokens.map((token, at) => (token - tokensPerCharacter * characters[at]!) ** 2))
  const deviation = Math.sqrt((squares * count) / (count - 1)) / tokenSum
  return { tokensPerCharacter, errorRatio: 1.96 * deviation }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
