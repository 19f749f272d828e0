'use client'

import Link from 'next/link'
import { useStorageOptions } from '#components/datasets/dataset-queries.ts'
import { storeLooks } from '#components/datasets/store-looks.ts'
import { Badge } from '#components/ui/badge.tsx'
import { buttonStyle } from '#components/ui/button.tsx'
import { Section } from '#components/ui/card.tsx'
import { CodeBlock } from '#components/ui/code-block.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { Loading, Skeleton } from '#components/ui/skeleton.tsx'
import { storageProviderLabels, storageProviders } from '#lib/storage/storage-provider.types.ts'
import type { StorageOption } from '#lib/training/dataset.types.ts'
import { StoreTest } from '../connection/StoreTest.tsx'

/** What this deployment offers, and how the rest is turned on. */
export function StorageScreen() {
  const options = useStorageOptions()
  if (options.isError)
    return (
      <ErrorState
        title="The stores could not be asked for"
        error={options.error}
        retry={() => options.refetch()}
      />
    )
  if (options.isPending)
    return (
      <Loading label="Asking for the stores" className="grid gap-6">
        {storageProviders.map((provider) => (
          <Skeleton key={provider} className="h-44" />
        ))}
      </Loading>
    )
  return options.data.options.map((option) => <StoreSection key={option.provider} option={option} />)
}

function StoreSection({ option }: { option: StorageOption }) {
  const { provider, available, reason, is_default: isDefault } = option
  const { icon: Icon, iconStyle, goodFor, lacks, ...setup } = storeLooks[provider]
  return (
    <Section
      title={storageProviderLabels[provider].badge}
      description={
        <span className="flex items-center gap-2">
          <Icon aria-hidden className={iconStyle} />
          {goodFor} {lacks}
        </span>
      }
      aside={
        <span className="flex gap-2">
          {isDefault ? <Badge tone="outline">Default</Badge> : null}
          <Badge tone={available ? 'success' : 'neutral'}>{available ? 'Ready' : 'Not set up'}</Badge>
        </span>
      }
    >
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
        {available ? <p>{setup.whenReady}</p> : <p>{reason ?? 'It is not set up.'}</p>}
        {available || !setup.steps ? null : <p className="text-muted-foreground">{setup.steps}</p>}
        {available || !setup.settings ? null : (
          <CodeBlock what={`settings for ${storageProviderLabels[provider].badge}`} code={setup.settings} />
        )}
        {setup.page ? (
          <Link href={setup.page.href} prefetch={false} className={buttonStyle({ class: 'w-fit' })}>
            {setup.page.label}
          </Link>
        ) : null}
        {available ? <StoreTest provider={provider} /> : null}
      </div>
    </Section>
  )
}
