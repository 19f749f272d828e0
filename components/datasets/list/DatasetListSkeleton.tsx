import { Loading, Skeleton } from '#components/ui/skeleton.tsx'

const widths = ['w-48', 'w-64', 'w-40', 'w-56', 'w-52']

export function DatasetListSkeleton() {
  return (
    <Loading label="Loading datasets" className="rounded-md border bg-card">
      <div className="h-9 border-b" />
      {widths.map((width) => (
        <div key={width} className="flex h-16 items-center gap-4 border-b px-4 last:border-b-0">
          <div className="grid flex-1 gap-2">
            <Skeleton className={`h-4 max-w-full ${width}`} />
            <Skeleton className="h-3 w-32" />
          </div>
          <Skeleton className="hidden h-5 w-20 sm:block" />
          <Skeleton className="hidden h-4 w-14 sm:block" />
          <Skeleton className="size-5" />
        </div>
      ))}
    </Loading>
  )
}
