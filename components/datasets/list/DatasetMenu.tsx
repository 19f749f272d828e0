'use client'

import { Code, Download, Ellipsis, Link2, SquareArrowOutUpRight, Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { toast } from 'sonner'
import { Button } from '#components/ui/button.tsx'
import { copyText } from '#components/ui/copy-text.ts'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '#components/ui/dropdown-menu.tsx'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { DeleteDatasetDialog } from '../DeleteDatasetDialog.tsx'
import { useDownload } from '../use-download.ts'
import { pythonSnippet } from '../use-it/snippets.ts'

export function DatasetMenu({ dataset }: { dataset: Dataset }) {
  const router = useRouter()
  const { download, copyLink } = useDownload(dataset)
  const [deleting, setDeleting] = useState(false)
  const ready = dataset.status === 'ready'
  async function copySnippet() {
    const done = await copyText(pythonSnippet(window.location.origin, dataset.id))
    if (done) toast.success('Python snippet copied')
  }
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button variant="ghost" size="icon">
            <Ellipsis aria-hidden />
            <span className="sr-only">Actions for {dataset.name}</span>
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <DropdownMenuItem onSelect={() => router.push(`/datasets/${dataset.id}`)}>
            <SquareArrowOutUpRight aria-hidden />
            Open
          </DropdownMenuItem>
          <DropdownMenuItem disabled={!ready} onSelect={() => download.mutate()}>
            <Download aria-hidden />
            Download
          </DropdownMenuItem>
          <DropdownMenuItem disabled={!ready} onSelect={() => copyLink.mutate()}>
            <Link2 aria-hidden />
            Copy link for 2 hours
          </DropdownMenuItem>
          <DropdownMenuItem disabled={!ready} onSelect={copySnippet}>
            <Code aria-hidden />
            Copy Python snippet
          </DropdownMenuItem>
          <DropdownMenuSeparator />
          <DropdownMenuItem danger onSelect={() => setDeleting(true)}>
            <Trash2 aria-hidden />
            Delete
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <DeleteDatasetDialog dataset={dataset} open={deleting} onOpenChange={setDeleting} />
    </>
  )
}
