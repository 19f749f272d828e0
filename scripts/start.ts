/** `npm start`: builds what is stale, then serves. */
import { enableCompileCache } from 'node:module'
import { buildIfStale } from './build.ts'

// Most of a start is reading a thousand modules: the next one finds them compiled.
enableCompileCache('node_modules/.cache/finetunelab')
await buildIfStale()
Object.assign(process.env, { NODE_ENV: 'production' })
await import('../web/main.ts')
