import { Cylinder, HardDrive, type LucideIcon, Zap } from 'lucide-react'
import type { StorageProvider } from '#lib/storage/storage-provider.types.ts'

interface StoreLook {
  icon: LucideIcon
  iconStyle: string
  goodFor: string
  lacks: string
  /** What holds when it is set up ... */
  whenReady: string
  /** ... and what sets it up, where anything does. */
  steps: string | null
  /** Environment variables, as they stand in a `.env` file. */
  settings: string | null
  page: { href: string; label: string } | null
}

/** How each store shows itself on a screen. */
export const storeLooks = {
  supabase: {
    icon: Zap,
    iconStyle: 'size-4 shrink-0 text-supabase',
    goodFor: 'For GPUs at RunPod, Lambda, Colab and Hugging Face.',
    lacks: 'SageMaker cannot read it.',
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
    icon: Cylinder,
    iconStyle: 'size-4 shrink-0 text-s3',
    goodFor: 'For SageMaker in the region of your bucket.',
    lacks: 'Others can read it, but egress may cost.',
    whenReady: 'Datasets go to your own bucket, with your own key.',
    steps: 'Your own access key, bucket and region; anything that speaks S3 will do. No restart is needed.',
    settings: null,
    page: { href: '/settings/secrets', label: 'Open secrets' },
  },
  local: {
    icon: HardDrive,
    iconStyle: 'size-4 shrink-0 text-local',
    goodFor: 'For training here, with no account anywhere.',
    lacks: 'GPUs elsewhere cannot read it.',
    whenReady: 'Datasets go to the folder datasets inside DATA_DIR, on the disk of this machine.',
    steps: null,
    settings: null,
    page: null,
  },
} as const satisfies Record<StorageProvider, StoreLook>
