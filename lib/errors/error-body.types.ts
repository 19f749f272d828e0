import { z } from 'zod'

/** The body of every failed request. */
export const errorBodySchema = z.object({
  error: z.string().meta({ description: 'What happened, in one short sentence' }),
  code: z.string().meta({ description: 'Stable and machine-readable, in snake_case' }),
  details: z
    .union([z.string(), z.array(z.unknown())])
    .optional()
    .meta({ description: 'What to do about it, or the list of what is wrong' }),
  request_id: z.string().meta({ description: 'Find the request in the log by it' }),
})
