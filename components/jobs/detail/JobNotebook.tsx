'use client'

import { useMutation } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { Button, buttonStyle } from '#components/ui/button.tsx'
import { Section } from '#components/ui/card.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { browserApi } from '#lib/client/browser-api.ts'
import { createJobCode, notebookPath } from '#lib/client/notebooks.ts'
import { formatDuration } from '#lib/display/time-format.ts'
import type { Job } from '#lib/training/job.types.ts'
import type { JobCode } from '#lib/training/job-codes/job-code.types.ts'
import { hasEnded } from '../job-status.ts'
import { useNow } from '../use-now.ts'

/** For a job that a person runs in a notebook: the file, and the code that it asks for. Nothing for other jobs. */
export function JobNotebook({ job }: { job: Job }) {
  const code = useMutation({
    mutationFn: () => createJobCode(browserApi, job.id),
    onMutate: () => ({ nobodyRan: job.last_heartbeat_at === null }),
  })
  // The first to report has come in with it.
  const used = code.context?.nobodyRan === true && job.last_heartbeat_at !== null
  if (!job.provider_ref?.startsWith('notebook:') || hasEnded(job.status)) return null
  return (
    <Section title="Notebook">
      <ol className="grid list-decimal gap-3 pl-5">
        <li className="space-y-2 pl-1">
          <p>
            Download it and open it in Colab: File, Upload notebook. It holds no token, so it may lie in Drive
            or in a gist.
          </p>
          <a
            href={notebookPath(job.id)}
            download
            className={buttonStyle({
              variant: job.last_heartbeat_at ? 'outline' : 'primary',
              className: 'w-fit',
            })}
          >
            <Download aria-hidden />
            Download notebook
          </a>
        </li>
        <li className="pl-1">Runtime, Run all.</li>
        <li className="space-y-2 pl-1">
          <p>Type in a code when it asks for one.</p>
          <Button className="w-fit" busy={code.isPending} onClick={() => code.mutate()}>
            {code.data ? 'Make a new code' : 'Make a code'}
          </Button>
          {code.isError && <ErrorState title="No code was made" error={code.error} />}
          {code.data && used && (
            <p role="status" className="text-muted-foreground">
              The notebook has taken the code.
            </p>
          )}
          {code.data && !used && <CodeShown code={code.data} />}
        </li>
      </ol>
    </Section>
  )
}

function CodeShown({ code: { code, expires_at } }: { code: JobCode }) {
  const now = useNow(true)
  const seconds = now === null ? null : Math.floor((Date.parse(expires_at) - now) / 1000)
  if (seconds !== null && seconds <= 0)
    return (
      <p role="status" className="text-muted-foreground">
        The code has run out. Make a new one.
      </p>
    )
  return (
    <div role="status" className="grid gap-1">
      <span className="flex w-fit items-center gap-1 rounded-md border bg-muted py-1 pr-1 pl-3">
        <code className="font-mono text-base tabular-nums">{code}</code>
        <CopyButton value={code} what="code" />
      </span>
      <span aria-hidden className="text-muted-foreground text-xs tabular-nums">
        Works once, for {formatDuration(seconds ?? 900)}.
      </span>
      <span className="sr-only">Works once, for 15 minutes.</span>
    </div>
  )
}
