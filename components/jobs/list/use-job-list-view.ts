import { usePathname, useSearchParams } from 'next/navigation'
import { useCallback, useMemo } from 'react'
import type { JobListQuery } from '#lib/client/jobs.ts'
import { jobStatusSchema } from '#lib/training/job.types.ts'
import { trainingProviderSchema } from '#lib/training/training-config.types.ts'
import { comparedIds } from '../compare/compared-ids.ts'

interface JobListView {
  filter: JobListQuery
  /** Ids of the jobs that are ticked. */
  compared: readonly string[]
}

/** What the list shows is in the address, so that it can be shared, reloaded and gone back to. */
export function useJobListView() {
  const params = useSearchParams()
  const pathname = usePathname()
  const view = useMemo(
    (): JobListView => ({
      filter: {
        status: jobStatusSchema.safeParse(params.get('status')).data,
        provider: trainingProviderSchema.safeParse(params.get('provider')).data,
      },
      compared: comparedIds(params.get('compare')),
    }),
    [params],
  )
  const change = useCallback(
    ({ filter, compared }: Partial<JobListView>) => {
      const next = new URLSearchParams(window.location.search)
      const set = (name: string, value: string | undefined) =>
        value ? next.set(name, value) : next.delete(name)
      if (filter) {
        set('status', filter.status)
        set('provider', filter.provider)
      }
      if (compared) set('compare', compared.join(','))
      const search = next.toString()
      window.history.replaceState(null, '', search ? `${pathname}?${search}` : pathname)
    },
    [pathname],
  )
  return { view, change }
}
