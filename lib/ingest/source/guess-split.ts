import type { TextSplit } from '../blocks/layout.ts'

/** Share of the lines that must break off in mid-sentence for a text to be one that is wrapped by hand. */
const wrappedShareMin = 0.25

/** Paragraphs when blank lines separate runs of lines that go on in the next one; else a row a line. */
export function guessSplit(head: string): TextSplit {
  const lines = head.split('\n').map((line) => line.trim())
  const filled = lines.filter((line) => line !== '').length
  const goesOn = (line: string, index: number): boolean =>
    line !== '' && (lines[index + 1] ?? '') !== '' && !/[.!?:;"')\]}|]$/.test(line)
  const separated = /\S[ \t\r]*\n[ \t\r]*\n\s*\S/.test(head)
  return separated && lines.filter(goesOn).length >= filled * wrappedShareMin ? 'paragraph' : 'line'
}
