import { readFileSync } from 'node:fs'
import { newTally } from '../report/row-tally.ts'
import { type BlockScan, textScan } from './block-scan.ts'

/** What scan.c exports; addresses are offsets in `memory`. */
interface Scanner {
  memory: WebAssembly.Memory
  blockAt(): number
  endOf(length: number): number
  begin(length: number): void
  findPlaces(from: number): number
  placesAt(): number
  readsChat(start: number, end: number): number
  tallyAt(): number
  breaksAt(): number
  breakCount(): number
}

const pageBytes = 1 << 16
const windowBytes = 1 << 15
/** A block is longer only where a row is; a memory that grew would never shrink. */
const blockBytesMax = 5 << 20

let scanner: Scanner | null = null

/** The same as `textScan`, several times as fast. A thread has one at a time: the next call ends the one before. */
export function nativeScan(bytes: Uint8Array): BlockScan {
  if (bytes.length > blockBytesMax) return textScan(bytes)
  scanner ??= start()
  const { memory, readsChat, breakCount, findPlaces } = scanner
  new Uint8Array(memory.buffer).set(bytes, scanner.blockAt())
  scanner.begin(bytes.length)
  const counts = new Uint32Array(memory.buffer, scanner.tallyAt(), 7)
  const places = new Uint32Array(memory.buffer, scanner.placesAt(), windowBytes)
  const breaksAt = scanner.breaksAt()
  const tally = newTally()
  const breaks: number[] = []
  return {
    tally,
    breaks,
    readsChat(from, to) {
      if (readsChat(from, to) === 0) return false
      tally.characters = counts[0]!
      tally.spoken = counts[1]!
      tally.turns = counts[2]!
      tally.system = counts[3]!
      tally.user = counts[4]!
      tally.assistant = counts[5]!
      tally.tool = counts[6]!
      tally.output = tally.spoken
      tally.input = tally.characters - tally.spoken
      breaks.length = 0
      const count = breakCount()
      if (count > 0) breaks.push(...new Uint32Array(memory.buffer, breaksAt, count * 2))
      return true
    },
    eachPlace(visit) {
      for (let from = 0; from < bytes.length; from += windowBytes) {
        const count = findPlaces(from)
        for (let index = 0; index < count; index++) visit(places[index]!)
      }
    },
  }
}

function start(): Scanner {
  const compiled = new WebAssembly.Module(readFileSync(new URL('./scan.wasm', import.meta.url)))
  const made = new WebAssembly.Instance(compiled).exports as unknown as Scanner
  const missing = made.endOf(blockBytesMax) - made.memory.buffer.byteLength
  made.memory.grow(Math.ceil(missing / pageBytes))
  return made
}
