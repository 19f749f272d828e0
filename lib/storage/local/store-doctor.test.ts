import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import type { StorageService } from '../storage-service.ts'
import { localStorageError } from './errors.ts'
import { examineLocalStore } from './store-doctor.ts'

test.each([
  ['ENOSPC', 'Make room on the disk'],
  ['EACCES', 'the right to write there'],
])('%s is answered with what to do about it', async (code, fix) => {
  const store = {
    put: async () => {
      throw localStorageError(Object.assign(new Error(code), { code }))
    },
    delete: async () => ({ removed: false }),
  } as unknown as StorageService
  const { ok, steps } = await examineLocalStore(store, tmpdir())
  expect(ok).toBe(false)
  expect(steps.find(({ id }) => id === 'put')).toMatchObject({
    status: 'fail',
    fix: expect.stringContaining(fix),
  })
})
