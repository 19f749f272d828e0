'use client'

import { useMutation } from '@tanstack/react-query'
import { Button } from '#components/ui/button.tsx'
import { browserApi } from '#lib/client/browser-api.ts'
import { testStorage } from '#lib/client/storage.ts'
import { type StorageProvider, storageProviderLabels } from '#lib/storage/storage-provider.types.ts'
import { ConnectionTest } from './ConnectionTest.tsx'

/** Tries a store on scratch objects, as this account finds it. */
export function StoreTest({ provider }: { provider: StorageProvider }) {
  const { badge } = storageProviderLabels[provider]
  const test = useMutation({ mutationFn: () => testStorage(browserApi, provider) })
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <Button className="w-fit" busy={test.isPending} onClick={() => test.mutate()}>
        Test connection<span className="sr-only"> of {badge}</span>
      </Button>
      <ConnectionTest run={test} what={badge} retry={() => test.mutate()} />
    </div>
  )
}
