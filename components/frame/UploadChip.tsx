'use client'

import { Upload } from 'lucide-react'
import Link from 'next/link'
import { useUpload } from '#components/datasets/upload/UploadProvider.tsx'
import type { UploadState } from '#components/datasets/upload/upload-state.ts'
import { buttonStyle } from '#components/ui/button.tsx'
import { formatPercent } from '#lib/display/number-format.ts'

/** Reminds, on pages that do not show it, of an upload that runs or that waits for its owner. */
export function UploadChip() {
  const { state } = useUpload()
  const words = wordsOf(state)
  if (words === null) return null
  return (
    <Link href="/datasets?upload=1" className={buttonStyle({ variant: 'outline', size: 'sm' })}>
      <Upload className={state.phase === 'sending' ? 'text-primary-text' : 'text-warning'} aria-hidden />
      <span className="sr-only">Upload: </span>
      {words}
    </Link>
  )
}

function wordsOf(state: UploadState): string | null {
  switch (state.phase) {
    case 'sending': {
      const share = state.totalBytes > 0 ? state.sentBytes / state.totalBytes : 0
      return share < 1 ? formatPercent(share) : 'Checking'
    }
    case 'paused':
      return 'Paused'
    case 'refused':
      return 'Refused'
    case 'failed':
      return 'Failed'
    case 'duplicate':
      return 'Already there'
    default:
      return null
  }
}
