'use client'

import Link from 'next/link'
import { Button, buttonStyle } from '#components/ui/button.tsx'
import { Bytes } from '#components/ui/measured.tsx'
import { formatPlural } from '#lib/display/number-format.ts'
import { ProblemsTable } from '../report/ProblemsTable.tsx'
import { ReportSummary } from '../report/ReportSummary.tsx'
import { StoreBadge } from '../StoreBadge.tsx'
import { useUpload } from './UploadProvider.tsx'
import type { UploadState } from './upload-state.ts'

export function UploadDone({ done }: { done: Extract<UploadState, { phase: 'done' }> }) {
  const { clear } = useUpload()
  const { dataset, report } = done
  return (
    <div className="grid gap-4" role="status">
      <div className="grid gap-1">
        <p className="break-words font-medium">
          <bdi>{dataset.name}</bdi>
        </p>
        <p className="flex flex-wrap items-center gap-2 text-muted-foreground">
          <StoreBadge provider={dataset.storage_provider} />
          <span>
            {formatPlural(dataset.total_examples ?? report.rows_stored, 'example')},{' '}
            <Bytes value={dataset.file_size_bytes} /> stored
          </span>
        </p>
      </div>
      <ReportSummary report={report} />
      {report.problems.length > 0 ? (
        <ProblemsTable report={report} file={dataset.metadata.problems_file} />
      ) : null}
      <div className="flex flex-wrap gap-2">
        <Link href={`/datasets/${dataset.id}`} className={buttonStyle({ variant: 'primary' })}>
          Open it
        </Link>
        <Link href={`/training?dataset=${dataset.id}`} className={buttonStyle()}>
          Train on it
        </Link>
        <Button variant="ghost" onClick={clear}>
          New dataset
        </Button>
      </div>
    </div>
  )
}
