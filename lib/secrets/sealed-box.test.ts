import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createSealedBox } from './sealed-box.ts'

const [oldKey, newKey] = [randomBytes(32), randomBytes(32)]
const row = { userId: '00000000-0000-4000-8000-000000000001', provider: 'aws' }
const plain = '{"api_key":"AKIAEXAMPLE","metadata":{}} ☃'

test('what was sealed opens again, and never looks the same twice', () => {
  const box = createSealedBox([newKey])
  const [first, second] = [box.seal(plain, row), box.seal(plain, row)]
  expect(box.open(first, row)).toBe(plain)
  expect(first).not.toBe(second)
  expect(first).not.toContain('AKIA')
  expect(first).toMatch(/^v1\.[0-9a-f]{16}\.[\w-]{16}\.[\w-]+$/)
})

test('it opens for its owner and provider only', () => {
  const box = createSealedBox([newKey])
  const sealed = box.seal(plain, row)
  const stranger = { ...row, userId: '00000000-0000-4000-8000-000000000002' }
  expect(() => box.open(sealed, stranger)).toThrow(expect.objectContaining({ code: 'secret_corrupt' }))
  expect(() => box.open(sealed, { ...row, provider: 'runpod' })).toThrow(
    expect.objectContaining({ code: 'secret_corrupt' }),
  )
})

test('any changed character is noticed', () => {
  const box = createSealedBox([newKey])
  const sealed = box.seal(plain, row)
  for (let at = 0; at < sealed.length; at++) {
    const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1)
    // The last character of a base64url text may hold bits that mean nothing: the same bytes are the same secret.
    if (
      Buffer.from(changed.split('.')[3] ?? '', 'base64url').equals(
        Buffer.from(sealed.split('.')[3]!, 'base64url'),
      ) &&
      at > sealed.lastIndexOf('.')
    )
      continue
    expect(() => box.open(changed, row), `changed at ${at}`).toThrow()
  }
  for (const text of ['', 'v1', 'v2.a.b.c', `${sealed}.x`, sealed.slice(0, -30)])
    expect(() => box.open(text, row)).toThrow(expect.objectContaining({ code: 'secret_corrupt' }))
})

test('older keys open what they sealed; without them the error says what is missing', () => {
  const sealed = createSealedBox([oldKey]).seal(plain, row)
  const both = createSealedBox([newKey, oldKey])
  expect(both.open(sealed, row)).toBe(plain)
  expect(both.isSealedWithNewest(sealed)).toBe(false)
  expect(both.isSealedWithNewest(both.seal(plain, row))).toBe(true)
  expect(() => createSealedBox([newKey]).open(sealed, row)).toThrow(
    expect.objectContaining({ code: 'secret_key_missing' }),
  )
})
