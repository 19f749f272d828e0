/** `npm start`: builds what is stale, then serves. */
import { buildIfStale } from './build.ts'

await buildIfStale()
Object.assign(process.env, { NODE_ENV: 'production' })
await import('../web/main.ts')
