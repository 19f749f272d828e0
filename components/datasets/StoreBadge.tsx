import { Cylinder, HardDrive, type LucideIcon, Zap } from 'lucide-react'
import { Badge } from '#components/ui/badge.tsx'
import { type StorageProvider, storageProviderLabels } from '#lib/storage/storage-provider.types.ts'

export const storeIcons = { supabase: Zap, s3: Cylinder, local: HardDrive } as const satisfies Record<
  StorageProvider,
  LucideIcon
>

/** Where a dataset lives: the word, its colour and its shape. */
export function StoreBadge({ provider }: { provider: StorageProvider }) {
  const Icon = storeIcons[provider]
  return (
    <Badge tone={provider}>
      <Icon aria-hidden />
      {storageProviderLabels[provider].badge}
    </Badge>
  )
}
