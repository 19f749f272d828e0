'use client'

import { useMutation } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { toast } from 'sonner'
import { Button } from '#components/ui/button.tsx'
import { browserApi } from '#lib/client/browser-api.ts'
import { downloadProblemRows } from '#lib/client/problems.ts'
import { formatPlural } from '#lib/display/number-format.ts'
import { formatAbsolute } from '#lib/display/time-format.ts'
import type { IngestReport, ProblemsFile } from '#lib/training/dataset.types.ts'
import { saveAsFile } from './save-as-file.ts'

interface DownloadProblemsProps {
  report: IngestReport
  file: ProblemsFile | null
}

/** Every row with a problem, while the server keeps them; then what the report lists. */
export function DownloadProblems({ report, file }: DownloadProblemsProps) {
  const kept = file !== null && new Date(file.expires_at) > new Date() ? file : null
  const download = useMutation({
    mutationFn: async () => (kept ? downloadProblemRows(browserApi, kept) : jsonlOf(report.problems)),
    onSuccess: (text) => saveAsFile('problems.jsonl', text, 'application/jsonl'),
    onError: (error) => toast.error('The problems could not be downloaded', { description: error.message }),
  })
  return (
    <Button
      disabled={download.isPending}
      onClick={() => download.mutate()}
      title={kept ? `Kept until ${formatAbsolute(new Date(kept.expires_at))}` : undefined}
    >
      <Download aria-hidden />
      Download problems
    </Button>
  )
}

/** What the download holds, in words. */
export function problemsFileWords(file: ProblemsFile | null): string | null {
  if (file === null || new Date(file.expires_at) <= new Date()) return null
  const { rows, rows_left_out } = file
  const left = rows_left_out > 0 ? ` ${formatPlural(rows_left_out, 'more row')} found no room in it.` : ''
  return `The download has ${formatPlural(rows, 'row')} with ${rows === 1 ? 'its' : 'their'} text, until ${formatAbsolute(new Date(file.expires_at))}.${left}`
}

const jsonlOf = (problems: IngestReport['problems']): string =>
  problems.map((problem) => `${JSON.stringify(problem)}\n`).join('')
