import { type AppError, limit } from '#lib/errors/app-error.ts'

/** A row that nobody wants to hold in memory; it ends the reading of the file whatever `onError` says. */
export const rowTooLong = (rowBytesMax: number, which: string): AppError =>
  limit('row_too_long', 'A row is too long', `The row ${which} has more than ${rowBytesMax} bytes.`)

export const startingAt = (byte: number): string => `that starts ${byte} bytes into the text`
