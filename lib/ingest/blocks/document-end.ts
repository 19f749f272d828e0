import type { Finding } from '../report/place.ts'
import type { Layout } from './layout.ts'
import { WrapperScan } from './wrapper-scan.ts'

const closingBracket = Uint8Array.of(0x5d)

/**
 * What comes before and after the list of rows in a JSON document. Behind an array there may be nothing. An object
 * around it may have other keys, which are no rows and are not stored; one more list of objects would be a riddle.
 */
export class DocumentEnd {
  /** Null when nothing is around the rows. Of the list itself it sees the brackets. */
  private readonly wrapper: WrapperScan | null
  private isBehindRows = false
  private somethingFollows = false

  constructor(layout: Layout) {
    this.wrapper = layout.container === 'json' && layout.root === 'wrapped' ? new WrapperScan() : null
  }

  addOpening(bytes: Uint8Array): void {
    this.wrapper?.add(bytes)
  }

  add(bytes: Uint8Array): void {
    if (!this.wrapper) {
      this.somethingFollows ||= bytes.some((byte) => byte > 0x20)
      return
    }
    if (!this.isBehindRows) this.wrapper.add(closingBracket)
    this.isBehindRows = true
    this.wrapper.add(bytes)
  }

  check(report: { onFinding(finding: Finding): void; onNote(note: string): void }): void {
    if (this.wrapper) checkWrapper(this.wrapper, report)
    else if (this.somethingFollows) {
      report.onFinding({ rule: 'file.rest', pointer: '', message: 'Something follows the closing bracket' })
    }
  }
}

function checkWrapper(
  { isComplete, keys }: WrapperScan,
  report: { onFinding(finding: Finding): void; onNote(note: string): void },
): void {
  if (!isComplete) {
    const message = 'The object around the rows is not complete, or something follows it'
    report.onFinding({ rule: 'file.rest', pointer: '', message })
    return
  }
  const another = keys.find(({ holdsObjects }) => holdsObjects)
  if (another !== undefined) {
    const message = `The object holds more than one list of objects; ${shown(another.name)} is another`
    report.onFinding({ rule: 'json.wrapper', pointer: '', message })
  }
  const beside = keys.filter(({ isEmptyList }) => !isEmptyList)
  if (beside.length > 0) {
    const names = beside.slice(0, 5).map(({ name }) => shown(name))
    report.onNote(`The keys beside the list of rows in the file were not kept: ${names.join(', ')}.`)
  }
}

const shown = (name: string): string => JSON.stringify(name.slice(0, 30))
