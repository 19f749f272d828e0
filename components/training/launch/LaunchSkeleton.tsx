import { Loading, Skeleton } from '#components/ui/skeleton.tsx'

export function LaunchSkeleton() {
  return (
    <Loading label="Loading the form" className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="grid gap-6">
        <Skeleton className="h-72" />
        <Skeleton className="h-[26rem]" />
        <Skeleton className="h-64" />
      </div>
      <Skeleton className="h-72" />
    </Loading>
  )
}
