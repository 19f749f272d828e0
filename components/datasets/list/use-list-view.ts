'use client'

import { usePathname, useSearchParams } from 'next/navigation'
import { useCallback, useMemo } from 'react'
import type { DatasetListQuery } from '#lib/client/datasets.ts'
import { storageProviderSchema } from '#lib/storage/storage-provider.types.ts'
import { datasetFormatSchema, datasetListQuerySchema } from '#lib/training/dataset.types.ts'

type ViewName = 'provider' | 'format' | 'search' | 'sort'

/** What the list shows is in the address, so that it can be shared, reloaded and gone back to. */
export function useListView() {
  const params = useSearchParams()
  const pathname = usePathname()
  const view = useMemo((): DatasetListQuery => {
    const sort = datasetListQuerySchema.shape.sort.safeParse(params.get('sort') ?? undefined).data
    return {
      provider: storageProviderSchema.safeParse(params.get('provider')).data,
      format: datasetFormatSchema.safeParse(params.get('format')).data,
      search: params.get('search')?.slice(0, 200) || undefined,
      sort,
    }
  }, [params])
  const change = useCallback(
    (name: ViewName, value: string) => {
      const next = new URLSearchParams(window.location.search)
      if (value) next.set(name, value)
      else next.delete(name)
      const search = next.toString()
      window.history.replaceState(null, '', search ? `${pathname}?${search}` : pathname)
    },
    [pathname],
  )
  return { view, change }
}
