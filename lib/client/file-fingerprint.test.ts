import { expect, it } from 'vitest'
import { fileFingerprint } from './file-fingerprint.ts'

const bytes = (length: number, seed: number) =>
  Uint8Array.from({ length }, (_, index) => Math.imul(index + seed, 2_654_435_761) >>> 24)

it('knows a file again, and tells it from one that begins, ends or weighs otherwise', async () => {
  const whole = bytes(3_000_000, 1)
  const changed = (change: (copy: Uint8Array) => void) => {
    const copy = whole.slice()
    change(copy)
    return new Blob([copy])
  }
  const fingerprints = await Promise.all(
    [
      new Blob([whole]),
      changed((copy) => copy.set([1 + copy[0]!], 0)),
      changed((copy) => copy.set([1 + copy.at(-1)!], copy.length - 1)),
      changed((copy) => copy.set([1 + copy[1_500_000]!], 1_500_000)),
      new Blob([whole.subarray(1)]),
      new Blob([whole, 'x']),
      new Blob([]),
    ].map(fileFingerprint),
  )
  expect(new Set(fingerprints).size).toBe(fingerprints.length)
  expect(await fileFingerprint(new Blob([whole.slice()]))).toBe(fingerprints[0])
})

it('tells a long file from one of its length in which something was shifted', async () => {
  const long = bytes(12_000_000, 2)
  const shifted = long.slice()
  // A character more here, and one less a good way on.
  shifted.copyWithin(5_000_001, 5_000_000, 5_500_000)
  expect(await fileFingerprint(new Blob([shifted]))).not.toBe(await fileFingerprint(new Blob([long])))
})
