import { z } from 'zod'

/** `{id}` in a path; anything that is no id answers 404 like an id that does not exist. */
export const idParams = z.object({ id: z.uuid() })
