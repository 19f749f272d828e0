import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  datasetIdOfKey,
  localDatasetKey,
  normaliseStorageKey,
  normaliseStoragePrefix,
  s3DatasetKey,
  supabaseDatasetKey,
} from './storage-key.ts'

describe('dataset keys', () => {
  it('are where the contract says', () => {
    expect(s3DatasetKey('u', 'd')).toBe('u/datasets/d.jsonl.gz')
    expect(supabaseDatasetKey('u', 'd')).toBe('u/private/d.jsonl.gz')
    expect(localDatasetKey('u', 'd')).toBe('u/datasets/d.jsonl.gz')
    expect(datasetIdOfKey('u/datasets/d-1.jsonl.gz')).toBe('d-1')
  })

  it.each(['', '..', 'a/b', 'a.b', 'a b', '../x', 'x'.repeat(129)])('are not made from the id %j', (id) => {
    for (const make of [s3DatasetKey, supabaseDatasetKey, localDatasetKey]) {
      expect(() => make(id, 'd')).toThrow(expect.objectContaining({ code: 'invalid_storage_key' }))
      expect(() => make('u', id)).toThrow(expect.objectContaining({ code: 'invalid_storage_key' }))
    }
  })
})

describe('normaliseStorageKey', () => {
  it('gives one name one spelling', () => {
    expect(normaliseStorageKey('a/u\u0308')).toBe('a/\u00fc')
  })

  it('lets nothing through that leads out of its folder', () => {
    const piece = fc.constantFrom('..', '.', '/', '\\', 'a', '', '\u0000', 'b c', '%2e%2e', '...')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const key = pieces.join('/')
        let normal: string
        try {
          normal = normaliseStorageKey(key)
        } catch (error) {
          expect(error).toMatchObject({ kind: 'invalid', code: 'invalid_storage_key' })
          return
        }
        const resolved = new URL(`file:///root/${normal.split('/').map(encodeURIComponent).join('/')}`)
          .pathname
        expect(resolved.startsWith('/root/')).toBe(true)
        expect(normal).not.toMatch(/(^|\/)\.{0,2}(\/|$)/)
      }),
    )
  })

  it('wants prefixes to end where a folder does', () => {
    expect(normaliseStoragePrefix('')).toBe('')
    expect(normaliseStoragePrefix('a/b/')).toBe('a/b/')
    for (const prefix of ['a', '/', '../', 'a//']) expect(() => normaliseStoragePrefix(prefix)).toThrow()
  })
})
