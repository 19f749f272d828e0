import { isObject } from '../formats/json-object.ts'
import type { Finding } from '../report/place.ts'
import type { Layout } from './layout.ts'

/** Of what stands around the rows of a document, as much as can be checked. */
const keptBytesMax = 1 << 20

/**
 * What comes before and after the list of rows in a JSON document. Behind an array there may be nothing. An object
 * around it may have other keys, which are no rows and are not stored; one more list of objects would be a riddle.
 */
export class DocumentEnd {
  private readonly wrapped: boolean
  private readonly opening: Uint8Array[] = []
  private readonly closing: Uint8Array[] = []
  private closingBytes = 0
  private somethingFollows = false

  constructor(layout: Layout) {
    this.wrapped = layout.container === 'json' && layout.root === 'wrapped'
  }

  addOpening(bytes: Uint8Array): void {
    if (this.wrapped) this.opening.push(bytes)
  }

  add(bytes: Uint8Array): void {
    this.somethingFollows ||= bytes.some((byte) => byte > 0x20)
    if (this.wrapped && this.closingBytes <= keptBytesMax) {
      this.closing.push(bytes.slice())
      this.closingBytes += bytes.length
    }
  }

  check(report: { onFinding(finding: Finding): void; onNote(note: string): void }): void {
    if (this.wrapped) this.checkWrapper(report)
    else if (this.somethingFollows) {
      report.onFinding({ rule: 'file.rest', pointer: '', message: 'Something follows the closing bracket' })
    }
  }

  private checkWrapper(report: { onFinding(finding: Finding): void; onNote(note: string): void }): void {
    if (this.closingBytes > keptBytesMax) {
      report.onNote('What follows the list of rows in the file is long, was not looked at and was not kept.')
      return
    }
    const wrapper = parsed(`${textOf(this.opening)}]${textOf(this.closing)}`)
    if (!isObject(wrapper)) {
      const message = 'The object around the rows is not complete, or something follows it'
      report.onFinding({ rule: 'file.rest', pointer: '', message })
      return
    }
    const entries = Object.entries(wrapper)
    const another = entries.find(([, value]) => Array.isArray(value) && value.some(isObject))
    if (another !== undefined) {
      const message = `The object holds more than one list of objects; ${JSON.stringify(another[0].slice(0, 30))} is another`
      report.onFinding({ rule: 'json.wrapper', pointer: '', message })
    }
    const beside = entries
      .filter(([, value]) => !(Array.isArray(value) && value.length === 0))
      .map(([key]) => key)
    if (beside.length > 0) {
      const names = beside
        .slice(0, 5)
        .map((key) => JSON.stringify(key.slice(0, 30)))
        .join(', ')
      report.onNote(`The keys beside the list of rows in the file were not kept: ${names}.`)
    }
  }
}

const textOf = (chunks: Uint8Array[]): string => {
  const decoder = new TextDecoder()
  return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode()
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
