'use client'

import Link from 'next/link'
import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import { useUpload } from './UploadProvider.tsx'
import type { UploadState } from './upload-state.ts'

/** The bytes are there already: the person says whether a second copy is wanted. */
export function UploadDuplicate({ duplicate }: { duplicate: Extract<UploadState, { phase: 'duplicate' }> }) {
  const { keepDuplicate, discard } = useUpload()
  const { twin } = duplicate
  return (
    <div className="grid gap-4">
      <Alert tone="warning" title="These very bytes are in this store already">
        <p>
          They are the dataset{' '}
          <Link href={`/datasets/${twin.id}`} className="underline">
            <bdi>{twin.name}</bdi>
          </Link>
          . Storing them again takes the same space once more.
        </p>
      </Alert>
      <div className="flex flex-wrap gap-2">
        <Button variant="primary" onClick={discard}>
          Use the one that is there
        </Button>
        <Button onClick={() => keepDuplicate(duplicate)}>Store them again</Button>
      </div>
    </div>
  )
}
