import type { LogStore } from './log-store.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are told their colours by control characters
const terminalCodes = /\u001b\[[0-9;?]*[A-Za-z]|\u001b\][^\u0007]*\u0007/g

/** A line as it should be read: without what is meant for a terminal, and only its last state where it rewrote itself. */
export function readable(line: string): string {
  const plain = line.includes('\u001b') ? line.replace(terminalCodes, '') : line
  const rewritten = plain.trimEnd().lastIndexOf('\r')
  return rewritten === -1 ? plain : plain.slice(rewritten + 1)
}

/** Hours, minutes and seconds of the reader's own clock. */
export function clockOf(time: number): string {
  if (Number.isNaN(time)) return '--:--:--'
  return new Date(time).toTimeString().slice(0, 8)
}

interface Lines {
  length: number
  position: (index: number) => number
}

/** Lines as text, each with its time, from the given one on. */
export function logText(store: LogStore, lines: Lines, from: number): string {
  const texts: string[] = []
  for (let index = from; index < lines.length; index++) {
    const position = lines.position(index)
    const time = store.time(position)
    const stamp = Number.isNaN(time) ? '' : `${new Date(time).toISOString()} `
    texts.push(`${stamp}${readable(store.text(position))}`)
  }
  return texts.join('\n')
}
