const headBytesMax = 1024 * 1024

export interface FileHead {
  /** The first bytes, inflated. */
  bytes: Uint8Array
  /** There is more. */
  partial: boolean
}

/** The beginning of a file as text bytes; null where a browser cannot inflate or read it. */
export async function readHead(file: Blob): Promise<FileHead | null> {
  const magic = new Uint8Array(await file.slice(0, 4).arrayBuffer())
  if (startsWith(magic, [0x28, 0xb5, 0x2f, 0xfd]) || startsWith(magic, [0x50, 0x41, 0x52, 0x31])) return null
  if (startsWith(magic, [0x1f, 0x8b])) return inflateHead(file)
  const bytes = new Uint8Array(await file.slice(0, headBytesMax).arrayBuffer())
  return { bytes, partial: file.size > headBytesMax }
}

/** Reads only as much of the file as fills the head; broken gzip is left for the server to describe. */
async function inflateHead(file: Blob): Promise<FileHead | null> {
  const reader = file.stream().pipeThrough(new DecompressionStream('gzip')).getReader()
  const head = new Uint8Array(headBytesMax)
  let filled = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return { bytes: head.slice(0, filled), partial: false }
      const taken = value.subarray(0, headBytesMax - filled)
      head.set(taken, filled)
      filled += taken.length
      if (filled === headBytesMax) return { bytes: head, partial: true }
    }
  } catch {
    return null
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

function startsWith(bytes: Uint8Array, magic: number[]): boolean {
  return magic.every((byte, at) => bytes[at] === byte)
}
