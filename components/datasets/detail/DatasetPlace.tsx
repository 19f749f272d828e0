import type { ReactNode } from 'react'
import { Section } from '#components/ui/card.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { StoreBadge } from '../StoreBadge.tsx'

/** Where its bytes are, as recorded when they were written, and what proves them. */
export function DatasetPlace({ dataset }: { dataset: Dataset }) {
  const { storage_bucket, storage_region, storage_endpoint, storage_path, sha256, id } = dataset
  return (
    <Section title="Where it lies" aside={<StoreBadge provider={dataset.storage_provider} />}>
      <dl className="grid gap-3">
        {storage_bucket ? <Line term="Bucket">{storage_bucket}</Line> : null}
        {storage_region ? <Line term="Region">{storage_region}</Line> : null}
        {storage_endpoint ? <Line term="Endpoint">{storage_endpoint}</Line> : null}
        {storage_path ? (
          <Line term="Key" copy={storage_path}>
            {storage_path}
          </Line>
        ) : null}
        {sha256 ? (
          <Line term="SHA-256" copy={sha256}>
            {sha256}
          </Line>
        ) : null}
        <Line term="Dataset id" copy={id}>
          {id}
        </Line>
      </dl>
    </Section>
  )
}

function Line({ term, copy, children }: { term: string; copy?: string; children: ReactNode }) {
  return (
    <div className="grid gap-0.5">
      <dt className="text-muted-foreground text-xs">{term}</dt>
      <dd className="flex min-w-0 items-start gap-1">
        <code className="min-w-0 flex-1 break-all font-mono text-xs leading-5">{children}</code>
        {copy ? <CopyButton value={copy} what={term} className="-my-1" /> : null}
      </dd>
    </div>
  )
}
