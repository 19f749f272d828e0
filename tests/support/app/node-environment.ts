import { join } from 'node:path'

/** What every process of Node needs that a test starts with an environment of its own. */
export const nodeEnvironment = {
  PATH: process.env.PATH ?? '',
  // Most of a start is reading modules, which are the same each time.
  NODE_COMPILE_CACHE: join(import.meta.dirname, '../../../node_modules/.cache/finetunelab'),
}
