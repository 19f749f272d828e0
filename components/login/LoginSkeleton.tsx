import { Loading, Skeleton } from '#components/ui/skeleton.tsx'

/** As tall as the sign-in form, so that nothing moves when it comes. */
export function LoginSkeleton() {
  return (
    <Loading label="Loading the sign-in page" className="grid gap-4">
      <Skeleton className="h-7 w-24" />
      <div className="grid gap-1.5">
        <Skeleton className="h-5 w-12" />
        <Skeleton className="h-9" />
      </div>
      <div className="grid gap-1.5">
        <Skeleton className="h-5 w-16" />
        <Skeleton className="h-9" />
      </div>
      <Skeleton className="h-10" />
    </Loading>
  )
}
