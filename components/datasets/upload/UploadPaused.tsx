'use client'

import { Play, X } from 'lucide-react'
import { Button } from '#components/ui/button.tsx'
import { Progress } from '#components/ui/progress.tsx'
import { formatBytes } from '#lib/display/number-format.ts'
import { DiscardUpload } from './DiscardUpload.tsx'
import { useUpload } from './UploadProvider.tsx'
import type { UploadState } from './upload-state.ts'

export function UploadPaused({ paused }: { paused: Extract<UploadState, { phase: 'paused' }> }) {
  const { start, discard } = useUpload()
  const { order, sentBytes } = paused
  return (
    <div className="grid gap-3">
      <p className="break-words font-medium">
        <bdi>{order.fields.name || order.fileName}</bdi>
      </p>
      <Progress value={sentBytes / order.file.size} label="Upload" />
      <p className="text-muted-foreground">
        Paused at {formatBytes(sentBytes)} of {formatBytes(order.file.size)}. It can go on here or on another
        machine within 7 days.
      </p>
      <div className="flex flex-wrap gap-2">
        <Button variant="primary" onClick={() => start(order)}>
          <Play aria-hidden />
          Go on
        </Button>
        <DiscardUpload sentBytes={sentBytes} onDiscard={discard}>
          <X aria-hidden />
          Cancel upload
        </DiscardUpload>
      </div>
    </div>
  )
}
