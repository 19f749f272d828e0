'use client'

import Link from 'next/link'
import { Button, buttonStyle } from '#components/ui/button.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { isApiError } from '#lib/client/api-error.ts'
import { uploadSessionDays } from '#lib/training/upload-session.types.ts'
import { useUpload } from './UploadProvider.tsx'
import type { UploadState } from './upload-state.ts'

export function UploadFailed({ failed }: { failed: Extract<UploadState, { phase: 'failed' }> }) {
  const { start, clear } = useUpload()
  const { order, error, kept } = failed
  const signedOut = isApiError(error) && error.status === 401
  return (
    <div className="grid gap-4">
      <ErrorState error={error} />
      <p className="text-muted-foreground">
        {kept ? (
          `What was sent is kept for ${uploadSessionDays} days: the upload goes on where it was.`
        ) : (
          <>
            Nothing of <bdi className="break-all">{order.fileName}</bdi> was stored.
          </>
        )}
      </p>
      <div className="flex flex-wrap gap-2">
        {signedOut ? (
          <Link href="/login?next=/datasets" className={buttonStyle({ variant: 'primary' })}>
            Sign in again
          </Link>
        ) : (
          <Button variant="primary" onClick={() => start(order)}>
            Try again
          </Button>
        )}
        <Button onClick={clear}>Choose another file</Button>
      </div>
    </div>
  )
}
