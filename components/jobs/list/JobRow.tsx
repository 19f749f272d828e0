import Link from 'next/link'
import { Sparkline } from '#components/charts/Sparkline.tsx'
import { Checkbox } from '#components/ui/checkbox.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import { TableCell, TableRow } from '#components/ui/table.tsx'
import { formatMeasure, formatMoney } from '#lib/display/number-format.ts'
import type { Job } from '#lib/training/job.types.ts'
import { capabilitiesOf } from '#lib/training/launchers/all-facts.types.ts'
import { trainingProviderLabels } from '#lib/training/training-config.types.ts'
import { JobDuration } from '../JobDuration.tsx'
import { JobProgress } from '../JobProgress.tsx'
import { StatusBadge } from '../StatusBadge.tsx'
import type { ListedJob } from './listed-job.ts'

interface JobRowProps {
  job: ListedJob
  ticked: boolean
  canTick: boolean
  onTick: () => void
}

export function JobRow({ job, ticked, canTick, onTick }: JobRowProps) {
  const loss = job.loss_preview.at(-1)
  return (
    <TableRow className="relative hover:bg-hover max-md:grid max-md:grid-cols-[auto_minmax(0,1fr)_auto] max-md:gap-x-3 max-md:gap-y-2 max-md:p-4 max-md:[&>td]:p-0">
      <TableCell className="relative z-10 w-8 pr-0 pl-4">
        <Checkbox
          checked={ticked}
          disabled={!canTick}
          onCheckedChange={onTick}
          aria-label={`Compare ${job.name}`}
          className="after:absolute after:inset-[-0.5rem] relative"
        />
      </TableCell>
      <TableCell className="max-w-80 max-md:max-w-none">
        <Link
          href={`/jobs/${job.id}`}
          dir="auto"
          className="block truncate font-medium after:absolute after:inset-0"
          title={job.name}
        >
          <bdi>{job.name}</bdi>
        </Link>
        <span dir="auto" className="block truncate text-muted-foreground text-xs">
          <bdi>{datasetWords(job)}</bdi>
        </span>
        <span className="block text-muted-foreground text-xs md:hidden">
          {trainingProviderLabels[job.provider]}, {costWords(job)}
        </span>
      </TableCell>
      <TableCell className="whitespace-nowrap max-md:text-right">
        <StatusBadge job={job} />
        <JobDuration
          job={job}
          className="ml-2 text-muted-foreground text-xs max-md:mt-1 max-md:ml-0 max-md:block"
        />
      </TableCell>
      <TableCell className="w-44 max-md:col-span-2 max-md:col-start-2 max-md:w-full">
        <JobProgress job={job} compact />
      </TableCell>
      <TableCell className="w-44 max-md:col-start-2 max-md:w-auto">
        {loss === undefined ? (
          <span className="text-muted-foreground">–</span>
        ) : (
          <span className="flex items-center gap-2">
            <Sparkline
              values={job.loss_preview}
              label={`Loss from ${formatMeasure(job.loss_preview[0] ?? loss)} to ${formatMeasure(loss)}`}
            />
            {formatMeasure(loss)}
          </span>
        )}
      </TableCell>
      <TableCell className="whitespace-nowrap max-md:hidden">
        {trainingProviderLabels[job.provider]}
      </TableCell>
      <TableCell numeric className="max-md:hidden">
        {costWords(job)}
      </TableCell>
      <TableCell numeric className="pr-4 text-muted-foreground max-md:self-center max-md:text-xs">
        <RelativeTime value={job.created_at} />
      </TableCell>
    </TableRow>
  )
}

function datasetWords({ datasets }: Job): string {
  const [first, ...others] = datasets
  if (!first) return 'No dataset'
  return others.length ? `${first.name} and ${others.length} more` : first.name
}

function costWords({ provider, cost }: Job): string {
  if (capabilitiesOf(provider).onThisMachine) return 'Free'
  return cost.so_far === null ? '–' : formatMoney(cost.so_far)
}
