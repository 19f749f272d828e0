import { move, transferableSymbol, valueSymbol } from 'piscina'
import type { Block, BlockContext, BlockOptions, BlockReading } from './blocks/block.ts'
import { readBlock } from './blocks/read-block.ts'
import { MemberBuilder } from './members/member-builder.ts'
import { nodeCodec } from './rows/node-codec.ts'

/** What a worker thread is handed, and what it gives back. Buffers are moved, never copied. */
export interface BlockTask {
  block: Block
  options: BlockOptions
  context: BlockContext
  /** False once the file is refused: its other problems are counted, its rows no longer compressed. */
  store: boolean
}

export interface BlockOutcome extends BlockReading {
  member: Uint8Array<ArrayBuffer> | null
  /** The buffer that the block came in, to be filled again. */
  buffer: ArrayBuffer
}

const noSink = { same() {}, without() {}, text() {} }

export default function readBlockTask(task: BlockTask) {
  const { options, context, store } = task
  const raw = task.block.bytes as Uint8Array<ArrayBuffer>
  const block = { ...task.block, bytes: Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength) }
  const builder = new MemberBuilder(block.bytes)
  const reading = readBlock(block, options, context, nodeCodec, store ? builder : noSink)
  const member = store && reading.tooLong === null ? builder.finish() : null
  const outcome: BlockOutcome = { ...reading, member, buffer: raw.buffer }
  const { exact, near } = reading.prints
  const transferred = [raw.buffer, exact.buffer]
  if (near !== null) transferred.push(near.buffer)
  if (member !== null) transferred.push(member.buffer)
  return move({ [valueSymbol]: outcome, [transferableSymbol]: transferred })
}
