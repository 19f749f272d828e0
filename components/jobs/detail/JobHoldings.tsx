import { ShieldCheck } from 'lucide-react'
import Link from 'next/link'
import { Section } from '#components/ui/card.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { formatPlural } from '#lib/display/number-format.ts'
import type { Job } from '#lib/training/job.types.ts'

/** The datasets that a job trains on, each with the hash that its bytes were proved against. */
export function JobHoldings({ job }: { job: Job }) {
  const weighted = job.datasets.some(({ weight }) => weight !== 1)
  return (
    <Section title="Data">
      <ul className="grid gap-4">
        {job.datasets.map((dataset) => (
          <li key={dataset.dataset_id ?? dataset.sha256} className="grid gap-1">
            {dataset.dataset_id ? (
              <Link
                href={`/datasets/${dataset.dataset_id}`}
                className="w-fit max-w-full break-words underline-offset-4 hover:underline"
              >
                <bdi>{dataset.name}</bdi>
              </Link>
            ) : (
              <span className="break-words">
                <bdi>{dataset.name}</bdi> <span className="text-muted-foreground">(deleted)</span>
              </span>
            )}
            <span className="text-muted-foreground text-xs">
              {formatPlural(dataset.total_examples, 'example')}
              {weighted && `, weight ${dataset.weight}`}
            </span>
            <span className="flex items-center gap-1 text-muted-foreground text-xs">
              <code className="font-mono" title={`SHA-256 ${dataset.sha256}`}>
                {dataset.sha256.slice(0, 12)}
              </code>
              <CopyButton value={dataset.sha256} what="SHA-256" />
            </span>
          </li>
        ))}
      </ul>
      <p className="mt-3 flex items-center gap-1.5 border-t pt-3 text-muted-foreground text-xs">
        {bytesWereProved(job) ? (
          <>
            <ShieldCheck aria-hidden className="size-4 text-success" />
            Bytes verified against the hash before training
          </>
        ) : (
          'Bytes are verified against the hash before training.'
        )}
      </p>
    </Section>
  )
}

/** The runner trains only on bytes that it has proved, so that a first step is the proof. */
function bytesWereProved(job: Job): boolean {
  return job.status === 'running' || job.status === 'succeeded' || (job.progress?.step ?? 0) > 0
}
