import { expect, test } from 'vitest'
import type { Finding } from '../report/place.ts'
import { DocumentEnd } from './document-end.ts'

const layout = { container: 'json', root: 'wrapped', start: 0 } as const
const pad = 'z'.repeat(1_200_000)

/** What is said of an object with this around its list of rows, in pieces of a size. */
function checked(opening: string, closing: string, pieceBytes: number) {
  const end = new DocumentEnd(layout)
  const findings: Finding[] = []
  const notes: string[] = []
  const pieces = (text: string, add: (bytes: Uint8Array) => void) => {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += pieceBytes) add(bytes.subarray(at, at + pieceBytes))
  }
  pieces(opening, (bytes) => end.addOpening(bytes))
  end.add(new Uint8Array(0))
  pieces(closing, (bytes) => end.add(bytes))
  end.check({ onFinding: (finding) => findings.push(finding), onNote: (note) => notes.push(note) })
  return { rules: findings.map(({ rule }) => rule), notes }
}

const note = (names: string) => [`The keys beside the list of rows in the file were not kept: ${names}.`]

test.each([
  ['{"a":[', '}', [], []],
  [' {"v": 1.5e3, "w": null, "a":[', ', "n": {"x": [1, {"y": "}]"}]}, "e": []}\n', [], note('"v", "w", "n"')],
  ['{"k\\u00e9\\"":"a\\\\","a":[', '}', [], note('"k\u00e9\\""')],
  ['{"a":[', `,"pad":"${pad}"}`, [], note('"pad"')],
  ['{"a":[', `,"pad":"${pad}","rows":[1,{"text":"c"}]}`, ['json.wrapper'], note('"pad", "rows"')],
  ['{"a":[', `,"pad":"${pad}`, ['file.rest'], []],
  ['{"a":[', `,"pad":"${pad}"}{`, ['file.rest'], []],
  ['{"a":[', ',"b":[1}', ['file.rest'], []],
  ['{"a":[', ',"b":tru}', ['file.rest'], []],
  ['{"a":[', ',}', ['file.rest'], []],
  ['{"a":[', ',"b"}', ['file.rest'], []],
  ['{"a":[', `,"b":${'['.repeat(1e6)}`, ['file.rest'], []],
  ['{"a":[', '', ['file.rest'], []],
])('%.40j and %.40j around the rows', (opening, closing, rules, notes) => {
  for (const pieceBytes of [1, 7, 1 << 16]) {
    if (pieceBytes === 1 && closing.length > 1000) continue
    expect(checked(opening, closing, pieceBytes)).toEqual({ rules, notes })
  }
})
