'use client'

import { FileText, Upload } from 'lucide-react'
import { type DragEvent, type RefObject, useState } from 'react'
import { cn } from '#components/ui/class-names.ts'
import { Bytes } from '#components/ui/measured.tsx'

export interface DropZoneProps {
  file: File | null
  onFile: (file: File) => void
  inputRef: RefObject<HTMLInputElement | null>
  error?: string | undefined
}

/** A real file input that fills its zone, so that click, drop and keyboard all are the browser's own. */
export function DropZone({ file, onFile, inputRef, error }: DropZoneProps) {
  const [over, setOver] = useState(false)
  const drag = (inside: boolean) => (event: DragEvent) => {
    if (event.dataTransfer.types.includes('Files')) setOver(inside)
  }
  return (
    <div className="grid gap-1.5">
      <label htmlFor="dataset-file" className="font-medium">
        Dataset file
      </label>
      <div
        className={cn(
          'relative grid min-h-24 place-items-center rounded-md border border-input border-dashed bg-background p-4 text-center transition-colors',
          'focus-within:outline-2 focus-within:outline-ring focus-within:outline-offset-2 hover:bg-hover',
          over && 'border-primary border-solid bg-primary-soft',
          error && 'border-danger',
        )}
      >
        <input
          ref={inputRef}
          id="dataset-file"
          type="file"
          onDragEnter={drag(true)}
          onDragLeave={drag(false)}
          onDrop={drag(false)}
          aria-describedby="dataset-file-hint"
          aria-invalid={error ? true : undefined}
          className="absolute inset-0 cursor-pointer opacity-0"
          onChange={(event) => {
            const chosen = event.target.files?.[0]
            if (chosen) onFile(chosen)
          }}
        />
        {file ? <Chosen file={file} /> : <Invitation />}
      </div>
      {error ? (
        <p role="alert" className="text-danger text-xs">
          {error}
        </p>
      ) : null}
    </div>
  )
}

function Chosen({ file }: { file: File }) {
  return (
    <div className="grid min-w-0 max-w-full justify-items-center gap-1">
      <FileText className="size-5 text-muted-foreground" aria-hidden />
      <p className="max-w-full break-words font-medium">
        <bdi>{file.name}</bdi>
      </p>
      <p id="dataset-file-hint" className="text-muted-foreground text-xs">
        <Bytes value={file.size} />. Drop or choose another file to replace it.
      </p>
    </div>
  )
}

function Invitation() {
  return (
    <div className="grid justify-items-center gap-1">
      <Upload className="size-5 text-muted-foreground" aria-hidden />
      <p>Drop a file here, or choose one</p>
      <p id="dataset-file-hint" className="text-muted-foreground text-xs">
        JSONL, JSON, CSV, TSV, Parquet or text, also as .gz or .zst. Any size.
      </p>
    </div>
  )
}
