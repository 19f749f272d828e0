import { expect, it } from 'vitest'
import type { UploadSession } from '#lib/training/upload-session.types.ts'
import { goesOnWith } from './resumable-uploads.ts'

const reading = { format: 'auto', on_error: 'refuse', on_secret: 'warn' } as const
const brokenOff = { fingerprint: 'f', storage_provider: 's3', name: 'Mine', reading } as UploadSession

it('an upload goes on where another stopped only if it is the same file, for the same place, read the same way', () => {
  const goesOn = (fields: Parameters<typeof goesOnWith>[2], fingerprint = 'f') =>
    goesOnWith(brokenOff, fingerprint, fields)
  expect(goesOn({})).toBe(true)
  expect(goesOn({ name: 'Mine', storage_provider: 's3', ...reading })).toBe(true)
  expect(goesOn({}, 'another')).toBe(false)
  expect(goesOn({ name: 'Yours' })).toBe(false)
  expect(goesOn({ storage_provider: 'local' })).toBe(false)
  expect(goesOn({ format: 'dpo' })).toBe(false)
  expect(goesOn({ on_error: 'skip' })).toBe(false)
  expect(goesOn({ on_secret: 'refuse' })).toBe(false)
  expect(goesOn({ split: 'line' })).toBe(false)
  expect(goesOn({ context_length: 4096 })).toBe(false)
})
