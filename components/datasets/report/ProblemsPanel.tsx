import { CircleCheck } from 'lucide-react'
import { EmptyState } from '#components/ui/empty-state.tsx'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { ProblemsTable } from './ProblemsTable.tsx'
import { ReportSummary } from './ReportSummary.tsx'

/** What was found in the file when it came in. */
export function ProblemsPanel({ metadata }: Pick<Dataset, 'metadata'>) {
  const { report, problems_file } = metadata
  if (!report)
    return (
      <EmptyState title="No report was kept for this dataset." className="rounded-md border border-dashed" />
    )
  return (
    <div className="grid gap-6">
      <ReportSummary report={report} />
      {report.problems.length > 0 ? (
        <ProblemsTable report={report} file={problems_file} />
      ) : (
        <EmptyState
          icon={<CircleCheck aria-hidden />}
          title="Nothing was wrong with the file."
          className="rounded-md border border-dashed py-12"
        />
      )}
    </div>
  )
}
