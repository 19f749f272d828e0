'use client'

import { Upload } from 'lucide-react'
import Link from 'next/link'
import { useUpload } from '#components/datasets/upload/UploadProvider.tsx'
import { buttonStyle } from '#components/ui/button.tsx'
import { formatPercent } from '#lib/display/number-format.ts'

/** Reminds of a running upload on pages that do not show it. */
export function UploadChip() {
  const { state } = useUpload()
  if (state.phase !== 'sending') return null
  const share = state.totalBytes > 0 ? state.sentBytes / state.totalBytes : 0
  return (
    <Link href="/datasets?upload=1" className={buttonStyle({ variant: 'outline', size: 'sm' })}>
      <Upload className="text-primary-text" aria-hidden />
      <span className="sr-only">Upload: </span>
      {share < 1 ? formatPercent(share) : 'Checking'}
    </Link>
  )
}
