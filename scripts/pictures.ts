/** `npm run pictures`: renews the pictures of the documentation from the running product. */
import { runEndToEnd } from './end-to-end.ts'

process.env.KEEP_README_PICTURES = '1'
process.exit(await runEndToEnd(['readme-pictures']))
