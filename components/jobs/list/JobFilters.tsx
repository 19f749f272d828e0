import { Select, SelectContent, SelectItem, SelectTrigger } from '#components/ui/select.tsx'
import type { JobListQuery } from '#lib/client/jobs.ts'
import { formatPlural } from '#lib/display/number-format.ts'
import { jobStatuses, jobStatusSchema } from '#lib/training/job.types.ts'
import {
  trainingProviderLabels,
  trainingProviderSchema,
  trainingProviders,
} from '#lib/training/training-config.types.ts'
import { statusWords } from '../job-status.ts'

const all = 'all'

interface JobFiltersProps {
  filter: JobListQuery
  onFilter: (filter: JobListQuery) => void
  count: number
}

export function JobFilters({ filter, onFilter, count }: JobFiltersProps) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Select
        value={filter.status ?? all}
        onValueChange={(value) => onFilter({ ...filter, status: jobStatusSchema.safeParse(value).data })}
      >
        <SelectTrigger aria-label="Status" className="w-auto min-w-36" />
        <SelectContent>
          <SelectItem value={all}>Every status</SelectItem>
          {jobStatuses.map((status) => (
            <SelectItem key={status} value={status}>
              {statusWords[status].label}
            </SelectItem>
          ))}
        </SelectContent>
      </Select>
      <Select
        value={filter.provider ?? all}
        onValueChange={(value) =>
          onFilter({ ...filter, provider: trainingProviderSchema.safeParse(value).data })
        }
      >
        <SelectTrigger aria-label="Provider" className="w-auto min-w-36" />
        <SelectContent>
          <SelectItem value={all}>Every provider</SelectItem>
          {trainingProviders.map((provider) => (
            <SelectItem key={provider} value={provider}>
              {trainingProviderLabels[provider]}
            </SelectItem>
          ))}
        </SelectContent>
      </Select>
      <p role="status" className="ml-auto text-muted-foreground">
        {formatPlural(count, 'job')}
      </p>
    </div>
  )
}
