import { Card } from '#components/ui/card.tsx'
import { Table, TableBody, TableHead, TableHeader, TableRow } from '#components/ui/table.tsx'
import { JobRow } from './JobRow.tsx'
import type { ListedJob } from './listed-job.ts'

interface JobTableProps {
  jobs: readonly ListedJob[]
  compared: readonly string[]
  comparedMax: number
  onCompared: (ids: readonly string[]) => void
}

/** A table that becomes a list of cards on a phone. */
export function JobTable({ jobs, compared, comparedMax, onCompared }: JobTableProps) {
  const toggle = (id: string) =>
    onCompared(compared.includes(id) ? compared.filter((other) => other !== id) : [...compared, id])
  return (
    <Card className="overflow-hidden">
      <Table className="max-md:block">
        <TableHead className="max-md:sr-only">
          <TableRow>
            <TableHeader className="w-8 pr-0 pl-4">
              <span className="sr-only">Compare</span>
            </TableHeader>
            <TableHeader>Name</TableHeader>
            <TableHeader>Status</TableHeader>
            <TableHeader>Progress</TableHeader>
            <TableHeader>Loss</TableHeader>
            <TableHeader>Provider</TableHeader>
            <TableHeader numeric>Cost</TableHeader>
            <TableHeader numeric className="pr-4">
              Launched
            </TableHeader>
          </TableRow>
        </TableHead>
        <TableBody className="max-md:block">
          {jobs.map((job) => {
            const ticked = compared.includes(job.id)
            return (
              <JobRow
                key={job.id}
                job={job}
                ticked={ticked}
                canTick={ticked || compared.length < comparedMax}
                onTick={() => toggle(job.id)}
              />
            )
          })}
        </TableBody>
      </Table>
    </Card>
  )
}
