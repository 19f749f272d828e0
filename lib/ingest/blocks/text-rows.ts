import type { TextSplit } from './layout.ts'

/**
 * Rows of plain text: every line that is not blank, every run of lines between blank ones, or everything. Blank
 * space at the beginning of a line means something and stays; at the end it does not.
 */
export function textRows(
  text: string,
  split: TextSplit,
): Array<{ text: string; line: number; lines: number }> {
  if (split === 'document') {
    const whole = text.replace(/^(?:[ \t\r]*\n)+/, '').trimEnd()
    const lines = countNewlines(text)
    return whole === '' ? [] : [{ text: whole.replaceAll('\r\n', '\n'), line: 1, lines: lines + 1 }]
  }
  const rows: Array<{ text: string; line: number; lines: number }> = []
  let paragraph: string[] = []
  let line = 0
  const flush = (): void => {
    if (paragraph.length > 0) {
      rows.push({ text: paragraph.join('\n'), line: line - paragraph.length, lines: paragraph.length })
    }
    paragraph = []
  }
  for (const raw of text.split('\n')) {
    line++
    const content = raw.trimEnd()
    if (content === '') flush()
    else if (split === 'line') rows.push({ text: content, line, lines: 1 })
    else paragraph.push(content)
  }
  line++
  flush()
  return rows
}

function countNewlines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++
  return count
}
