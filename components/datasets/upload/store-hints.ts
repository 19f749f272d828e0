import type { StorageProvider } from '#lib/storage/storage-provider.types.ts'

export const storeHints = {
  supabase: {
    goodFor: 'For GPUs at RunPod, Lambda, Colab and Hugging Face.',
    lacks: 'SageMaker cannot read it.',
  },
  s3: {
    goodFor: 'For SageMaker in the region of your bucket.',
    lacks: 'Others can read it, but egress may cost.',
  },
  local: {
    goodFor: 'For training here, with no account anywhere.',
    lacks: 'GPUs elsewhere cannot read it.',
  },
} as const satisfies Record<StorageProvider, { goodFor: string; lacks: string }>
