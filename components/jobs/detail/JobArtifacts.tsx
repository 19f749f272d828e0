'use client'

import { Download } from 'lucide-react'
import { StoreBadge } from '#components/datasets/StoreBadge.tsx'
import { Button } from '#components/ui/button.tsx'
import { Section } from '#components/ui/card.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import { artifactUrl } from '#lib/client/artifacts.ts'
import { browserApi } from '#lib/client/browser-api.ts'
import { formatBytes } from '#lib/display/number-format.ts'
import type { Artifact, Job } from '#lib/training/job.types.ts'
import { useJobArtifacts } from '../job-queries.ts'
import { DeleteArtifact } from './DeleteArtifact.tsx'

/** Adapters and checkpoints that the training has left with us; nothing while there are none. */
export function JobArtifacts({ job }: { job: Job }) {
  const { data, isError, error, refetch } = useJobArtifacts(job)
  if (isError && !data)
    return <ErrorState title="The artifacts could not be loaded" error={error} retry={() => refetch()} />
  if (!data || data.artifacts.length === 0) return null
  return (
    <Section title="Artifacts">
      <ul className="grid gap-4">
        {data.artifacts.map((artifact) => (
          <ArtifactItem key={artifact.id} jobId={job.id} artifact={artifact} />
        ))}
      </ul>
    </Section>
  )
}

function ArtifactItem({ jobId, artifact }: { jobId: string; artifact: Artifact }) {
  const { name, size_bytes, sha256, storage_provider, created_at } = artifact
  return (
    <li className="grid gap-1">
      <div className="flex items-start gap-2">
        <span className="min-w-0 flex-1 break-all font-mono text-sm">{name}</span>
        <Button asChild size="icon" variant="ghost">
          <a href={artifactUrl(browserApi, jobId, name)} download={name} aria-label={`Download ${name}`}>
            <Download aria-hidden />
          </a>
        </Button>
        <DeleteArtifact jobId={jobId} name={name} />
      </div>
      <span className="flex flex-wrap items-center gap-x-2 gap-y-1 text-muted-foreground text-xs">
        <StoreBadge provider={storage_provider} />
        <span>
          {formatBytes(size_bytes)}, <RelativeTime value={created_at} />
        </span>
      </span>
      <span className="flex items-center gap-1 text-muted-foreground text-xs">
        <code className="font-mono" title={`SHA-256 ${sha256}`}>
          {sha256.slice(0, 12)}
        </code>
        <CopyButton value={sha256} what="SHA-256" />
      </span>
    </li>
  )
}
