import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { envExample } from './env-example.ts'
import { readSettings } from './settings.ts'

test('.env.example is what the schema of the settings says (scripts/env-example.ts writes it)', () => {
  expect(readFileSync('.env.example', 'utf8')).toBe(envExample())
})

test('a bad setting is refused with its name', () => {
  expect(() => readSettings({ PORT: 'eighty' })).toThrowError(
    expect.objectContaining({ details: [expect.stringContaining('PORT')] }),
  )
  expect(() => readSettings({ SUPABASE_URL: 'https://x.supabase.co' })).toThrowError(
    expect.objectContaining({ details: [expect.stringContaining('set all three or none')] }),
  )
  expect(() => readSettings({ AUTH: 'supabase' })).toThrowError(
    expect.objectContaining({ details: [expect.stringMatching(/^SUPABASE_URL: AUTH=supabase needs it/)] }),
  )
})

test('an empty variable counts as unset', () => {
  const settings = readSettings({ PORT: '', DATABASE_URL: '' })
  expect(settings.PORT).toBe(3000)
  expect(settings.DATABASE_URL).toBeUndefined()
})
