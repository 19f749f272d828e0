import { beginRate, secondsLeft, type TransferRate, updateRate } from '#lib/client/transfer-rate.ts'
import { formatBytes } from '#lib/display/number-format.ts'
import { formatDuration } from '#lib/display/time-format.ts'

const drawEveryMilliseconds = 100
const barCells = 24

/** One line on a terminal that is drawn over; nothing at all where stderr is no terminal. */
export class ProgressBar {
  readonly #label: string
  readonly #isShown: boolean
  #rate: TransferRate
  #drawnAt = 0

  constructor(label: string, startBytes = 0, { isShown = process.stderr.isTTY === true } = {}) {
    this.#label = label
    this.#isShown = isShown
    this.#rate = { ...beginRate(performance.now()), measuredBytes: startBytes }
  }

  update(doneBytes: number, totalBytes: number): void {
    if (!this.#isShown) return
    const now = performance.now()
    this.#rate = updateRate(this.#rate, doneBytes, now)
    if (now - this.#drawnAt < drawEveryMilliseconds && doneBytes < totalBytes) return
    this.#drawnAt = now
    process.stderr.write(
      `\r${progressLine(this.#label, { doneBytes, totalBytes, rate: this.#rate })}\u001b[K`,
    )
  }

  /** Takes the line away, for other words to take its place. */
  clear(): void {
    if (this.#isShown) process.stderr.write('\r\u001b[K')
  }
}

export interface Progress {
  doneBytes: number
  totalBytes: number
  rate: TransferRate
}

/** `Sending [######------] 52 %  1.24 GB of 2.40 GB  38.1 MB/s  31 s left` */
export function progressLine(label: string, { doneBytes, totalBytes, rate }: Progress): string {
  const share = totalBytes === 0 ? 1 : Math.min(1, doneBytes / totalBytes)
  const filled = Math.round(share * barCells)
  const bar = '#'.repeat(filled) + '-'.repeat(barCells - filled)
  const left = secondsLeft(rate, totalBytes - doneBytes)
  return [
    `${label} [${bar}] ${Math.floor(share * 100)} %`,
    `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`,
    rate.bytesPerSecond ? `${formatBytes(Math.max(0, rate.bytesPerSecond))}/s` : '',
    share < 1 && left !== null ? `${formatDuration(left)} left` : '',
    share === 1 ? 'checking the last rows' : '',
  ]
    .filter(Boolean)
    .join('  ')
}
