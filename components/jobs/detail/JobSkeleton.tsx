import { Loading, Skeleton } from '#components/ui/skeleton.tsx'

export function JobSkeleton() {
  return (
    <Loading label="Loading the job" className="mx-auto grid max-w-7xl gap-6">
      <div className="grid gap-2">
        <Skeleton className="h-7 w-72 max-w-full" />
        <Skeleton className="h-7 w-96 max-w-full" />
      </div>
      <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="grid content-start gap-6">
          <Skeleton className="h-20" />
          <Skeleton className="h-[28rem]" />
          <Skeleton className="h-[28rem]" />
        </div>
        <div className="grid content-start gap-6">
          <Skeleton className="h-64" />
          <Skeleton className="h-24" />
          <Skeleton className="h-44" />
        </div>
      </div>
    </Loading>
  )
}
