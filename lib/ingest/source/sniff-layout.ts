import type { Layout, TextSplit } from '../blocks/layout.ts'
import { guessSplit } from './guess-split.ts'
import { sniffJson, sniffScalars } from './sniff-json.ts'
import { sniffTable } from './sniff-table.ts'

/** How much of a file is looked at to tell what it is. */
export const sniffBytes = 1 << 20

export interface Sniffed {
  layout: Layout
  notes: string[]
}

/**
 * How a text holds its rows, told by its first characters. `complete` says that they are all there is. Offsets in
 * the layout are bytes of its UTF-8 form.
 */
export function sniffLayout(head: string, complete: boolean, split: TextSplit | undefined): Sniffed {
  const json = sniffJson(head, complete)
  if (json !== null) return { layout: json, notes: [] }
  const table = sniffTable(head, complete)
  if (table !== null) return { layout: table.layout, notes: table.unnamed.map(unnamedNote) }
  const scalars = split === undefined ? sniffScalars(head, complete) : null
  if (scalars !== null) return { layout: scalars, notes: [] }
  const chosen = split ?? guessSplit(head)
  const notes = split === undefined ? [splitNotes[chosen]] : []
  return { layout: { container: 'text', start: 0, split: chosen }, notes }
}

const unnamedNote = (column: string): string =>
  `A column has no name in the header; it is called ${JSON.stringify(column)}.`

const splitNotes = {
  line: 'The text was split into a row per line, because its lines stand by themselves.',
  paragraph: 'The text was split into a row per paragraph, because blank lines separate runs of lines.',
  document: 'The text was kept as one row.',
} as const satisfies Record<TextSplit, string>
