'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { toast } from 'sonner'
import { Button } from '#components/ui/button.tsx'
import { browserApi } from '#lib/client/browser-api.ts'
import { fileFingerprint } from '#lib/client/file-fingerprint.ts'
import { cancelUpload, listUploads } from '#lib/client/resumable-uploads.ts'
import { formatBytes, formatPercent } from '#lib/display/number-format.ts'
import { formatRelative } from '#lib/display/time-format.ts'
import type { UploadSession } from '#lib/training/upload-session.types.ts'
import { DiscardUpload } from './DiscardUpload.tsx'
import { useUpload } from './UploadProvider.tsx'

export const unfinishedKey = ['datasets', 'unfinished'] as const

const askAgainMs = 3000

/** Uploads that were broken off, here or elsewhere. Nothing at all while there are none. */
export function UnfinishedUploads() {
  const { data } = useQuery({
    queryKey: unfinishedKey,
    queryFn: ({ signal }) => listUploads(browserApi, signal),
    // A sender that went away is still counted as one for a while.
    refetchInterval: ({ state }) => (state.data?.uploads.some(({ active }) => active) ? askAgainMs : false),
  })
  if (!data || data.uploads.length === 0) return null
  return (
    <section aria-labelledby="unfinished-heading" className="mb-4 grid gap-2 border-b pb-4">
      <h3 id="unfinished-heading" className="font-medium">
        Unfinished uploads
      </h3>
      <ul className="grid gap-2">
        {data.uploads.map((upload) => (
          <UnfinishedUpload key={upload.id} upload={upload} />
        ))}
      </ul>
    </section>
  )
}

function UnfinishedUpload({ upload }: { upload: UploadSession }) {
  const { start } = useUpload()
  const queryClient = useQueryClient()
  const input = useRef<HTMLInputElement>(null)
  const [mistake, setMistake] = useState<string | null>(null)
  const discard = useMutation({
    mutationFn: () => cancelUpload(browserApi, upload.id),
    onError: (error) => toast.error('The upload was not removed', { description: error.message }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: unfinishedKey }),
  })
  async function goOn(file: File) {
    if (file.size !== upload.size_bytes || (await fileFingerprint(file)) !== upload.fingerprint) {
      setMistake(`This is another file. Choose ${upload.file_name ?? 'the same one'} again.`)
      return
    }
    const { name, storage_provider } = upload
    start({ file, fileName: file.name, fields: { name: name ?? undefined, storage_provider } })
  }
  const share = upload.size_bytes === 0 ? 0 : upload.offset / upload.size_bytes
  const isDuplicate = upload.status === 'duplicate'
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span className="min-w-0 basis-full">
        <bdi className="break-all">{upload.file_name ?? upload.name}</bdi>
        <span className="block text-muted-foreground text-xs">
          {isDuplicate
            ? 'Sent, but its bytes are there already'
            : `${formatPercent(share)} of ${formatBytes(upload.size_bytes)} sent`}
          {upload.active
            ? ', being sent at the moment'
            : `, expires ${formatRelative(new Date(upload.expires_at), new Date())}`}
        </span>
        {mistake ? (
          <span role="alert" className="block text-danger text-xs">
            {mistake}
          </span>
        ) : null}
      </span>
      <input
        ref={input}
        type="file"
        className="sr-only"
        tabIndex={-1}
        aria-label={`Choose ${upload.file_name ?? 'the file'} again`}
        onChange={({ target }) => {
          const [file] = target.files ?? []
          if (file) void goOn(file)
          target.value = ''
        }}
      />
      <Button size="sm" disabled={upload.active} onClick={() => input.current?.click()}>
        Choose the file to go on
      </Button>
      <DiscardUpload
        size="sm"
        disabled={discard.isPending}
        sentBytes={upload.offset}
        onDiscard={() => discard.mutate()}
      >
        Discard
      </DiscardUpload>
    </li>
  )
}
