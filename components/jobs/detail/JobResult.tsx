import { Section } from '#components/ui/card.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { formatMeasure } from '#lib/display/number-format.ts'
import type { Job } from '#lib/training/job.types.ts'
import { metricLabel } from '../curves/metric-catalog.ts'
import { Fact, Facts } from './Facts.tsx'

const shown = ['loss', 'eval_loss']

/** Where the trained model lies, and how far the loss came; nothing while there is neither. */
export function JobResult({ job }: { job: Job }) {
  const measured = shown.flatMap((name) => {
    const value = job.metrics?.[name]
    return typeof value === 'number' ? [{ name, value }] : []
  })
  if (!job.result_path && measured.length === 0) return null
  return (
    <Section title="Result">
      <Facts>
        {measured.map(({ name, value }) => (
          <Fact key={name} name={`${metricLabel(name)} loss, last`}>
            {formatMeasure(value)}
          </Fact>
        ))}
      </Facts>
      {job.result_path && (
        <div className="mt-3 grid gap-1">
          <span className="text-muted-foreground">Lies in</span>
          <div className="flex items-start gap-1">
            <code className="min-w-0 flex-1 break-all rounded-md bg-muted px-2 py-1 font-mono text-xs">
              {job.result_path}
            </code>
            <CopyButton value={job.result_path} what="path" />
          </div>
        </div>
      )}
    </Section>
  )
}
