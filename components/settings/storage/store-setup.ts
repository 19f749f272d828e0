import type { StorageProvider } from '#lib/storage/storage-provider.types.ts'

interface StoreSetup {
  colour: string
  whenReady: string
  steps: string | null
  /** Environment variables, as they stand in a `.env` file. */
  settings: string | null
  page: { href: string; label: string } | null
}

export const storeSetup = {
  supabase: {
    colour: 'size-4 shrink-0 text-supabase',
    whenReady:
      'Datasets go to the bucket training-datasets of the project that this deployment is set up with.',
    steps:
      'Whoever runs this deployment sets these three and starts it again. They are in the project under Settings, API.',
    settings: `SUPABASE_URL=https://<project>.supabase.co
SUPABASE_ANON_KEY=<anon key>
SUPABASE_SERVICE_ROLE_KEY=<service role key>
`,
    page: null,
  },
  s3: {
    colour: 'size-4 shrink-0 text-s3',
    whenReady: 'Datasets go to your own bucket, with your own key.',
    steps: 'Your own access key, bucket and region; anything that speaks S3 will do. No restart is needed.',
    settings: null,
    page: { href: '/settings/secrets', label: 'Open secrets' },
  },
  local: {
    colour: 'size-4 shrink-0 text-local',
    whenReady: 'Datasets go to the folder datasets inside DATA_DIR, on the disk of this machine.',
    steps: null,
    settings: null,
    page: null,
  },
} as const satisfies Record<StorageProvider, StoreSetup>
