import type { z } from 'zod'
import { type AppError, invalid } from '#lib/errors/app-error.ts'
import { storageProviders } from '#lib/storage/storage-provider.types.ts'

/** Each bad field with its place, as text that a form or a terminal can show. */
export function invalidFields(error: z.ZodError, where: string): AppError {
  const storage = error.issues.find(
    ({ path }) => path.at(-1) === 'storage_provider' || (where === 'query' && path[0] === 'provider'),
  )
  const details = error.issues.map(({ path, message }) => ({ field: path.join('.'), message }))
  if (storage)
    return invalid(
      'invalid_storage_provider',
      'Unknown storage provider',
      `Use one of: ${storageProviders.join(', ')}.`,
    )
  return invalid('invalid_request', `Something in the ${where} is not right`, details)
}
