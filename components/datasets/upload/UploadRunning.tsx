'use client'

import { Pause, X } from 'lucide-react'
import { Button } from '#components/ui/button.tsx'
import { Progress } from '#components/ui/progress.tsx'
import { secondsLeft } from '#lib/client/transfer-rate.ts'
import { uploadInterruption } from '#lib/client/upload-interruption.ts'
import { formatBytes, formatCount, formatPercent } from '#lib/display/number-format.ts'
import { formatDuration } from '#lib/display/time-format.ts'
import { DiscardUpload } from './DiscardUpload.tsx'
import { useUpload } from './UploadProvider.tsx'
import { isResumable, type Sending } from './upload-state.ts'

export function UploadRunning({ upload }: { upload: Sending }) {
  const { cancel, pause } = useUpload()
  const { order, sentBytes, totalBytes, rows, rate } = upload
  const share = totalBytes > 0 ? sentBytes / totalBytes : 0
  const sent = share >= 1
  const resumable = isResumable(order)
  const left = secondsLeft(rate, totalBytes - sentBytes)
  return (
    <div className="grid gap-3">
      <p className="break-words font-medium">
        <bdi>{order.fields.name || order.fileName}</bdi>
      </p>
      <Progress value={sent ? null : share} label="Upload" />
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2">
        <Figure term="Sent">
          {formatBytes(sentBytes)} of {formatBytes(totalBytes)}
        </Figure>
        <Figure term="Rows checked">{rows === null ? '–' : formatCount(rows)}</Figure>
        <Figure term="Rate">
          {rate.bytesPerSecond && !sent ? `${formatBytes(rate.bytesPerSecond)}/s` : '–'}
        </Figure>
        <Figure term="Time left">
          {upload.storingAgain
            ? 'Storing them'
            : sent
              ? 'Checking the last rows'
              : left === null
                ? '–'
                : formatDuration(left)}
        </Figure>
      </dl>
      <p className="text-muted-foreground text-xs">
        You can look at other pages meanwhile.{' '}
        {resumable
          ? 'If this page is closed, choose the same file again within 7 days, on any machine: it goes on where it was.'
          : 'Keep this tab open.'}
        <span role="status" className="sr-only">
          {`${formatPercent(Math.floor(share * 10) / 10)} sent`}
        </span>
      </p>
      {upload.interruption ? (
        <p role="status" className="text-warning text-xs">
          {uploadInterruption(upload.interruption)}
        </p>
      ) : null}
      <div className="flex flex-wrap gap-2">
        {resumable && !sent ? (
          <Button onClick={pause}>
            <Pause aria-hidden />
            Pause
          </Button>
        ) : null}
        {upload.storingAgain ? null : (
          <DiscardUpload sentBytes={resumable ? sentBytes : 0} onDiscard={cancel}>
            <X aria-hidden />
            Cancel upload
          </DiscardUpload>
        )}
      </div>
    </div>
  )
}

function Figure({ term, children }: { term: string; children: React.ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-muted-foreground text-xs">{term}</dt>
      <dd>{children}</dd>
    </div>
  )
}
