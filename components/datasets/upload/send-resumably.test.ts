import { expect, test } from 'vitest'
import { ApiError } from '#lib/client/api-error.ts'
import { duplicateOf } from './send-resumably.ts'
import type { UploadOrder } from './upload-state.ts'

const order: UploadOrder = { file: new File(['a'], 'a.jsonl'), fileName: 'a.jsonl', fields: { name: 'A' } }
const twin = { id: crypto.randomUUID(), name: 'There before' }

test('a small file whose bytes are there already is a question too, and nothing of it is kept', () => {
  const answer = new ApiError({
    status: 409,
    code: 'duplicate_dataset',
    message: 'm',
    body: { dataset: twin },
  })
  expect(duplicateOf(order, answer)).toEqual({ phase: 'duplicate', order, uploadId: null, twin })
})

test('any other refusal is none', () => {
  const answer = new ApiError({ status: 409, code: 'upload_busy', message: 'm' })
  expect(duplicateOf(order, answer)).toBeNull()
  expect(duplicateOf(order, new Error('something else'))).toBeNull()
})
