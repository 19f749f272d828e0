/**
 * `npm run pictures`: renews the pictures of the documentation (`docs/screenshots/`) from the running product, and
 * pictures every screen in every state, at three widths and in both themes (`screenshots/`, not kept in the repository).
 */
import { runEndToEnd } from './end-to-end.ts'

const pictured = [
  'readme-pictures',
  'gallery',
  'secrets',
  'stores',
  'remote-runs',
  'every-provider',
  'long-job',
  'resumable-uploads',
  'rows',
  'supabase-accounts',
]

process.env.KEEP_PICTURES = '1'
process.exit(await runEndToEnd(pictured))
