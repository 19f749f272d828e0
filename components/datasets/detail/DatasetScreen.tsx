'use client'

import { useBreadcrumbLeaf } from '#components/frame/Breadcrumb.tsx'
import { Alert } from '#components/ui/alert.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { MissingState } from '#components/ui/missing-state.tsx'
import { isMissing } from '#lib/client/api-error.ts'
import type { Dataset, DatasetStatus } from '#lib/training/dataset.types.ts'
import { useDataset } from '../dataset-queries.ts'
import { DatasetHead } from './DatasetHead.tsx'
import { DatasetPlace } from './DatasetPlace.tsx'
import { DatasetSkeleton } from './DatasetSkeleton.tsx'
import { DatasetTabs } from './DatasetTabs.tsx'
import { WhoMayTrain } from './WhoMayTrain.tsx'

export function DatasetScreen({ id }: { id: string }) {
  const dataset = useDataset(id)
  useBreadcrumbLeaf(dataset.data?.name)
  if (dataset.data) return <LoadedDataset dataset={dataset.data} />
  if (isMissing(dataset.error))
    return <MissingState what="dataset" list={{ href: '/datasets', label: 'Go to datasets' }} />
  if (dataset.isError)
    return (
      <ErrorState
        title="The dataset could not be loaded"
        error={dataset.error}
        retry={() => dataset.refetch()}
      />
    )
  return <DatasetSkeleton />
}

function LoadedDataset({ dataset }: { dataset: Dataset }) {
  return (
    <div className="mx-auto grid max-w-7xl gap-6">
      <DatasetHead dataset={dataset} />
      {dataset.status === 'ready' ? null : <Alert tone="warning" title={notReady[dataset.status]} />}
      <div className="grid gap-6 xl:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="min-w-0">
          <DatasetTabs dataset={dataset} />
        </div>
        <aside aria-label="About this dataset" className="grid min-w-0 content-start gap-6">
          <WhoMayTrain dataset={dataset} />
          <DatasetPlace dataset={dataset} />
        </aside>
      </div>
    </div>
  )
}

const notReady = {
  uploading: 'This dataset is still being uploaded. Its rows can be seen when it is whole.',
  failed:
    'This dataset is not ready: its bytes are missing, changed, or were never checked here. npm run doctor says which, and mends what it can; what is lost can be deleted and uploaded again.',
  deleting: 'This dataset is being deleted.',
} as const satisfies Record<Exclude<DatasetStatus, 'ready'>, string>
