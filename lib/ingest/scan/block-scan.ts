import type { RowTally } from '../report/row-tally.ts'
import { eachPlaceIn } from './places.ts'
import { PlainChat } from './plain-chat.ts'

/** What can be told of a block by looking at its bytes; `textScan` and `native-scan.ts` tell the same. */
export interface BlockScan {
  /** Whether bytes [start, end), which are UTF-8, are a chat row as `PlainChat` reads it. */
  readsChat(start: number, end: number): boolean
  /** Of the row that was read last. */
  readonly tally: RowTally
  /** Where it has line breaks between its tokens: from, to, from, to, ...; with the space behind each. */
  readonly breaks: readonly number[]
  /** Shows every place at which something sensitive may be (`places.ts`), in order. */
  eachPlace(visit: (at: number) => void): void
}

/** In the language of every runtime. */
export function textScan(bytes: Uint8Array): BlockScan {
  const chat = new PlainChat()
  return {
    readsChat: (start, end) => chat.reads(bytes, start, end),
    tally: chat.tally,
    breaks: chat.breaks,
    eachPlace: (visit) => eachPlaceIn(bytes, visit),
  }
}
