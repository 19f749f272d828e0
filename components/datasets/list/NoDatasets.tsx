'use client'

import { Database, SearchX } from 'lucide-react'
import { Button } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import type { DatasetListQuery } from '#lib/client/datasets.ts'
import { storageProviderLabels } from '#lib/storage/storage-provider.types.ts'
import { useSample } from '../use-sample.ts'

export function NoDatasets() {
  const sample = useSample()
  return (
    <div className="rounded-md border border-dashed">
      <EmptyState
        icon={<Database aria-hidden />}
        title="A dataset is what you train on, and you have none yet."
        actions={
          <>
            <Button variant="outline" onClick={() => document.getElementById('dataset-file')?.click()}>
              Choose a file
            </Button>
            <Button variant="ghost" busy={sample.isPending} onClick={() => sample.mutate()}>
              Try the sample dataset
            </Button>
          </>
        }
      />
    </div>
  )
}

export function NoMatch({ view, onClear }: { view: DatasetListQuery; onClear: () => void }) {
  const where = view.provider ? ` in ${storageProviderLabels[view.provider].badge}` : ''
  const what = view.search ? `No dataset${where} matches “${view.search}”.` : `No such dataset${where} yet.`
  return (
    <div className="rounded-md border border-dashed">
      <EmptyState
        icon={<SearchX aria-hidden />}
        title={what}
        actions={<Button onClick={onClear}>Show all datasets</Button>}
      />
    </div>
  )
}
