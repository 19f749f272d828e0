import { z } from 'zod'

/** Text that PostgreSQL takes: all but NUL. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
export const storedTextSchema = z.string().regex(/^[^\u0000]*$/u, 'No NUL characters')
