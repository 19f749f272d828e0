'use client'

import { useEffect, useRef } from 'react'
import { cn } from '#components/ui/class-names.ts'
import { UnfinishedUploads } from './UnfinishedUploads.tsx'
import { UploadDone } from './UploadDone.tsx'
import { UploadDuplicate } from './UploadDuplicate.tsx'
import { UploadFailed } from './UploadFailed.tsx'
import { UploadForm } from './UploadForm.tsx'
import { UploadPaused } from './UploadPaused.tsx'
import { useUpload } from './UploadProvider.tsx'
import { UploadRefused } from './UploadRefused.tsx'
import { UploadRunning } from './UploadRunning.tsx'

const titles = {
  idle: 'New dataset',
  sending: 'Uploading',
  paused: 'Paused',
  duplicate: 'Already there',
  refused: 'The file was refused',
  failed: 'The upload failed',
  done: 'Uploaded',
} as const

/** Everything about bringing a file in, from choosing it to what was made of it. */
export function UploadPanel({ className }: { className?: string }) {
  const { state } = useUpload()
  const heading = useRef<HTMLHeadingElement>(null)
  const shown = useRef(state.phase)
  useEffect(() => {
    if (shown.current === state.phase) return
    shown.current = state.phase
    // The button that was pressed is gone with its step: the keyboard goes on at the next one.
    if (document.activeElement === document.body) heading.current?.focus()
  }, [state.phase])
  return (
    <section aria-labelledby="upload-heading" className={cn('rounded-md border bg-card', className)}>
      <h2
        ref={heading}
        id="upload-heading"
        tabIndex={-1}
        className="border-b px-4 py-3 font-medium focus-visible:outline-none"
      >
        {titles[state.phase]}
      </h2>
      <div className="p-4">
        {state.phase === 'idle' ? (
          <>
            <UnfinishedUploads />
            <UploadForm />
          </>
        ) : null}
        {state.phase === 'paused' ? <UploadPaused paused={state} /> : null}
        {state.phase === 'duplicate' ? <UploadDuplicate duplicate={state} /> : null}
        {state.phase === 'sending' ? <UploadRunning upload={state} /> : null}
        {state.phase === 'refused' ? <UploadRefused refused={state} /> : null}
        {state.phase === 'failed' ? <UploadFailed failed={state} /> : null}
        {state.phase === 'done' ? <UploadDone done={state} /> : null}
      </div>
    </section>
  )
}
