import { describe, expect, it } from 'vitest'
import { signLocalLink, verifyLocalSignature } from './signature.ts'

const key = new Uint8Array(32).fill(1)
const older = new Uint8Array(32).fill(2)
const now = new Date('2026-01-01T00:00:00Z')
const expires = now.getTime() / 1000 + 600
const link = { datasetId: 'd-1', expires, signature: signLocalLink({ datasetId: 'd-1', expires }, key) }
const invalid = expect.objectContaining({ kind: 'denied', code: 'link_invalid' })

describe('a local link', () => {
  it('is good until its time, whichever of the keys signed it', () => {
    expect(() => verifyLocalSignature(link, [key], now)).not.toThrow()
    expect(() => verifyLocalSignature({ ...link, expires: String(expires) }, [older, key], now)).not.toThrow()
    expect(() => verifyLocalSignature(link, [key], new Date(expires * 1000))).toThrow(
      expect.objectContaining({ kind: 'denied', code: 'link_expired' }),
    )
  })

  it.each([
    ['another dataset', { datasetId: 'd-2' }],
    ['a later expiry', { expires: expires + 1 }],
    ['another spelling of the expiry', { expires: `0${expires}` }],
    ['an expiry that is no number', { expires: 'NaN' }],
    ['another signature', { signature: link.signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')) }],
    ['a shortened signature', { signature: link.signature.slice(0, -2) }],
    ['a padded signature', { signature: `${link.signature}=` }],
    ['no signature', { signature: '' }],
  ])('is refused with %s', (_, change) => {
    expect(() => verifyLocalSignature({ ...link, ...change }, [key], now)).toThrow(invalid)
  })

  it('is refused when another key signed it, or none is known', () => {
    expect(() => verifyLocalSignature(link, [older], now)).toThrow(invalid)
    expect(() => verifyLocalSignature(link, [], now)).toThrow(invalid)
  })

  it('is refused when it lives longer than links may', () => {
    const late = { datasetId: 'd-1', expires: now.getTime() / 1000 + 7201 }
    expect(() => verifyLocalSignature({ ...late, signature: signLocalLink(late, key) }, [key], now)).toThrow(
      invalid,
    )
  })
})
