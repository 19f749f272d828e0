'use client'

import { Upload } from 'lucide-react'
import { useSearchParams } from 'next/navigation'
import { useEffect, useState } from 'react'
import { DatasetList } from '#components/datasets/list/DatasetList.tsx'
import { UploadPanel } from '#components/datasets/upload/UploadPanel.tsx'
import { useUpload } from '#components/datasets/upload/UploadProvider.tsx'
import { isTyping } from '#components/frame/is-typing.ts'
import { PageHeading } from '#components/frame/PageHeading.tsx'
import { Button } from '#components/ui/button.tsx'
import { cn } from '#components/ui/class-names.ts'

/** The list, and beside it the panel that brings a dataset in. On a phone the panel opens on demand. */
export function DatasetManager() {
  const { state } = useUpload()
  const asked = useSearchParams().has('upload')
  const [open, setOpen] = useState(asked)
  useEffect(() => {
    if (asked || state.phase !== 'idle') setOpen(true)
  }, [asked, state.phase])
  useUploadKey(() => setOpen(true))
  // A table of problems needs the width of the page.
  const wide = state.phase === 'refused' || (state.phase === 'done' && state.report.problems.length > 0)
  return (
    <>
      <PageHeading
        title="Datasets"
        description="Bring a dataset once, choose where it lives, train on it anywhere that can read it."
        actions={
          open ? null : (
            <Button variant="primary" className="md:hidden" onClick={() => setOpen(true)}>
              <Upload aria-hidden />
              New dataset
            </Button>
          )
        }
      />
      <div
        className={cn(
          'grid grid-cols-[minmax(0,1fr)] items-start gap-6',
          !wide && 'xl:grid-cols-[minmax(0,1fr)_24rem]',
        )}
      >
        <UploadPanel className={cn(!open && 'max-md:hidden', !wide && 'xl:order-2')} />
        <div className="min-w-0">
          <DatasetList />
        </div>
      </div>
    </>
  )
}

/** `u` opens the panel and goes to its file field. */
function useUploadKey(open: () => void) {
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.key !== 'u' || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return
      open()
      requestAnimationFrame(() => document.getElementById('dataset-file')?.focus())
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  })
}
