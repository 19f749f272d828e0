'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { toast } from 'sonner'
import { browserApi } from '#lib/client/browser-api.ts'
import { createSampleDataset } from '#lib/client/uploads.ts'
import { datasetKeys } from './dataset-queries.ts'

/** Makes the bundled sample a dataset and opens it. */
export function useSample() {
  const router = useRouter()
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: () => createSampleDataset(browserApi),
    onSuccess: ({ dataset }) => {
      void queryClient.invalidateQueries({ queryKey: datasetKeys.all })
      router.push(`/datasets/${dataset.id}`)
    },
    onError: (error) => toast.error('The sample could not be made', { description: error.message }),
  })
}
