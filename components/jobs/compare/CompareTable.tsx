import Link from 'next/link'
import { paletteVariable } from '#components/charts/chart-palette.ts'
import { Card } from '#components/ui/card.tsx'
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from '#components/ui/table.tsx'
import { formatMeasure } from '#lib/display/number-format.ts'
import type { Job } from '#lib/training/job.types.ts'
import { trainerLabels } from '#lib/training/training-config.types.ts'
import { JobDuration } from '../JobDuration.tsx'
import { StatusBadge } from '../StatusBadge.tsx'
import type { ComparedJob } from './compared-job.ts'

const rows: { name: string; value: (job: Job) => string }[] = [
  {
    name: 'Last loss',
    value: ({ metrics }) => (typeof metrics?.loss === 'number' ? formatMeasure(metrics.loss) : '–'),
  },
  { name: 'Base model', value: ({ config }) => config.base_model },
  { name: 'Method', value: ({ config }) => config.method.toUpperCase() },
  { name: 'Trainer', value: ({ config }) => trainerLabels[config.trainer] },
  { name: 'Dataset', value: ({ datasets }) => datasets.map(({ name }) => name).join(', ') },
  { name: 'Learning rate', value: ({ config }) => formatMeasure(config.hyperparameters.learning_rate) },
  { name: 'Epochs', value: ({ config }) => String(config.hyperparameters.epochs) },
  {
    name: 'Batch',
    value: ({ config: { hyperparameters: h } }) => `${h.batch_size} x ${h.gradient_accumulation_steps}`,
  },
  { name: 'LoRA rank', value: ({ config }) => String(config.hyperparameters.lora?.r ?? 'off') },
]

/** The jobs side by side; what is not the same in all of them stands out. */
export function CompareTable({ jobs }: { jobs: readonly ComparedJob[] }) {
  return (
    <Card>
      <Table>
        <TableHead>
          <TableRow>
            <TableHeader>
              <span className="sr-only">Setting</span>
            </TableHeader>
            {jobs.map(({ job, place }) => (
              <TableHeader key={job.id} className="min-w-40 max-w-64 py-2">
                <Link
                  href={`/jobs/${job.id}`}
                  className="flex items-center gap-2 text-foreground hover:underline"
                >
                  <span
                    aria-hidden
                    className="size-2.5 shrink-0 rounded-full"
                    style={{ background: `var(${paletteVariable(place)})` }}
                  />
                  <bdi className="truncate" title={job.name}>
                    {job.name}
                  </bdi>
                </Link>
              </TableHeader>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          <TableRow>
            <TableHeader scope="row">Status</TableHeader>
            {jobs.map(({ job }) => (
              <TableCell key={job.id}>
                <StatusBadge job={job} /> <JobDuration job={job} className="text-muted-foreground text-xs" />
              </TableCell>
            ))}
          </TableRow>
          {rows.map(({ name, value }) => {
            const differs = new Set(jobs.map(({ job }) => value(job))).size > 1
            return (
              <TableRow key={name}>
                <TableHeader scope="row">{name}</TableHeader>
                {jobs.map(({ job }) => (
                  <TableCell
                    key={job.id}
                    className={
                      differs
                        ? 'max-w-64 break-words font-medium'
                        : 'max-w-64 break-words text-muted-foreground'
                    }
                  >
                    <bdi>{value(job)}</bdi>
                  </TableCell>
                ))}
              </TableRow>
            )
          })}
        </TableBody>
      </Table>
    </Card>
  )
}
