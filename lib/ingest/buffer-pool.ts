import { blockBytes } from './blocks/block-filler.ts'

/** Buffers of one upload's blocks, filled again and again; each travels to a worker and back. */
export class BufferPool {
  private readonly free: ArrayBuffer[] = []
  private readonly keptMax: number

  constructor(keptMax: number) {
    this.keptMax = keptMax
  }

  allocate(bytes: number): Uint8Array {
    const kept = bytes === blockBytes ? this.free.pop() : undefined
    return Buffer.from(kept ?? Buffer.allocUnsafeSlow(bytes).buffer)
  }

  giveBack(buffer: ArrayBuffer): void {
    if (buffer.byteLength === blockBytes && this.free.length < this.keptMax) this.free.push(buffer)
  }
}
