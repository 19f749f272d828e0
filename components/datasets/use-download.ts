'use client'

import { useMutation } from '@tanstack/react-query'
import { toast } from 'sonner'
import { copyText } from '#components/ui/copy-text.ts'
import { browserApi } from '#lib/client/browser-api.ts'
import { createDownloadUrl } from '#lib/client/datasets.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'

/** Both ask for a fresh link when they are pressed, so that none lies around in the page. */
export function useDownload(dataset: Pick<Dataset, 'id' | 'name'>) {
  const onError = (error: Error) => toast.error('No link could be made', { description: error.message })
  const download = useMutation({
    mutationFn: () => createDownloadUrl(browserApi, dataset.id),
    onSuccess: ({ url }) => {
      const link = document.createElement('a')
      link.href = url
      link.download = `${dataset.name}.jsonl.gz`
      link.click()
    },
    onError,
  })
  const copyLink = useMutation({
    mutationFn: () => createDownloadUrl(browserApi, dataset.id),
    onSuccess: async ({ url, expires_at }) => {
      // Shown where it cannot be copied: it was asked for, and it ends by itself.
      if (!(await copyText(url, url))) return
      const until = new Date(expires_at).toLocaleTimeString('en-GB', { timeStyle: 'short' })
      toast.success('Link copied', { description: `Anyone who has it can download until ${until}.` })
    },
    onError,
  })
  return { download, copyLink }
}
