import { createHash } from 'node:crypto'
import { createSHA256 } from 'hash-wasm'

/** A SHA-256 under way. Why there are two: docs/decisions/050-sha256-with-a-state.md. */
export interface RunningHash {
  update(bytes: Uint8Array): void
  /** Lower-case hex; to be asked once, at the end. */
  hex(): string
  /** What `resumableHash` goes on with. */
  save(): Uint8Array
}

export function nativeHash(): RunningHash {
  const hash = createHash('sha256')
  return {
    update: (bytes) => void hash.update(bytes),
    hex: () => hash.digest('hex'),
    save() {
      throw new Error('The state of this hash cannot be kept')
    },
  }
}

export async function resumableHash(state: Uint8Array | null): Promise<RunningHash> {
  const hash = await createSHA256()
  if (state) hash.load(state)
  else hash.init()
  return {
    update: (bytes) => void hash.update(bytes),
    hex: () => hash.digest('hex'),
    save: () => hash.save(),
  }
}
