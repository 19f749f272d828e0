import type { TextSplit } from '../blocks/layout.ts'

/** Lines a paragraph that, on average, make paragraphs the better rows: text that is wrapped by hand has more. */
const wrappedLinesMin = 1.5

/** Paragraphs when blank lines separate runs of several lines; else a row a line. */
export function guessSplit(head: string): TextSplit {
  const lines = head.split('\n').map((line) => line.trim())
  const filled = lines.filter((line) => line !== '').length
  const paragraphs = lines.filter(
    (line, index) => line !== '' && (index === 0 || lines[index - 1] === ''),
  ).length
  const separated = paragraphs > 1
  return separated && filled / paragraphs >= wrappedLinesMin ? 'paragraph' : 'line'
}
