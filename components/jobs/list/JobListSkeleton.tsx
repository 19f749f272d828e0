import { Card } from '#components/ui/card.tsx'
import { Loading, Skeleton } from '#components/ui/skeleton.tsx'

const rows = ['a', 'b', 'c', 'd', 'e', 'f']

export function JobListSkeleton() {
  return (
    <Loading label="Loading the jobs" className="grid gap-4">
      <div className="flex gap-2">
        <Skeleton className="h-9 w-36" />
        <Skeleton className="h-9 w-36" />
      </div>
      <Card className="divide-y">
        {rows.map((row) => (
          <div key={row} className="flex items-center gap-6 px-4 py-3.5">
            <Skeleton className="h-8 flex-1" />
            <Skeleton className="h-5 w-24" />
            <Skeleton className="h-5 w-40 max-md:hidden" />
            <Skeleton className="h-5 w-32 max-md:hidden" />
          </div>
        ))}
      </Card>
    </Loading>
  )
}
