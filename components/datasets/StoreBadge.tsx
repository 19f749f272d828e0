import { Badge } from '#components/ui/badge.tsx'
import { type StorageProvider, storageProviderLabels } from '#lib/storage/storage-provider.types.ts'
import { storeLooks } from './store-looks.ts'

/** Where a dataset lives: the word, its colour and its shape. */
export function StoreBadge({ provider }: { provider: StorageProvider }) {
  const Icon = storeLooks[provider].icon
  return (
    <Badge tone={provider}>
      <Icon aria-hidden />
      {storageProviderLabels[provider].badge}
    </Badge>
  )
}
