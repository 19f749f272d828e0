import { Loading, Skeleton } from '#components/ui/skeleton.tsx'

export function DatasetSkeleton() {
  return (
    <Loading label="Loading the dataset" className="mx-auto grid max-w-7xl gap-6">
      <div className="grid gap-2">
        <Skeleton className="h-7 w-72 max-w-full" />
        <Skeleton className="h-5 w-96 max-w-full" />
      </div>
      <div className="grid gap-6 xl:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="grid content-start gap-4">
          <Skeleton className="h-9" />
          <Skeleton className="h-[34rem]" />
        </div>
        <div className="grid content-start gap-6">
          <Skeleton className="h-80" />
          <Skeleton className="h-64" />
        </div>
      </div>
    </Loading>
  )
}
