'use client'

import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import { problemsFileOf } from '#lib/client/uploads.ts'
import { formatPlural } from '#lib/display/number-format.ts'
import { ProblemsTable } from '../report/ProblemsTable.tsx'
import { useUpload } from './UploadProvider.tsx'
import type { UploadState } from './upload-state.ts'

/** Nothing was stored: what is wrong, and what can be done now. */
export function UploadRefused({ refused }: { refused: Extract<UploadState, { phase: 'refused' }> }) {
  const { start, clear } = useUpload()
  const { order, error, report } = refused
  const badRows = countBadRows(report)
  const goodRows = report ? report.rows_read - badRows : 0
  return (
    <div className="grid gap-4">
      <Alert tone="danger" title={error.message}>
        <p>
          Nothing of <bdi className="break-all">{order.fileName}</bdi> was stored.{' '}
          {report ? `${formatPlural(report.rows_read, 'row was', 'rows were')} read. ` : null}
          Mend the file and upload it again.
        </p>
        {typeof error.details === 'string' ? <p>{error.details}</p> : null}
      </Alert>
      {report && report.problems.length > 0 ? (
        <ProblemsTable report={report} file={problemsFileOf(error)} />
      ) : null}
      <div className="flex flex-wrap gap-2">
        <Button variant="primary" onClick={clear}>
          Choose another file
        </Button>
        {goodRows > 0 ? (
          <Button onClick={() => start({ ...order, fields: { ...order.fields, on_error: 'skip' } })}>
            Store the good rows only
          </Button>
        ) : null}
      </div>
    </div>
  )
}

/** Rows with an error among the listed problems; a lower bound where there were more than could be listed. */
function countBadRows(report: Extract<UploadState, { phase: 'refused' }>['report']): number {
  const errors = report?.problems.filter(({ severity }) => severity === 'error') ?? []
  return new Set(errors.map(({ line, index }) => `${line}/${index}`)).size
}
