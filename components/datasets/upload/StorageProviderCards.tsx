'use client'

import Link from 'next/link'
import { ErrorState } from '#components/ui/error-state.tsx'
import { RadioCard, RadioGroup } from '#components/ui/radio-group.tsx'
import { Loading, Skeleton } from '#components/ui/skeleton.tsx'
import {
  type StorageProvider,
  storageProviderLabels,
  storageProviders,
} from '#lib/storage/storage-provider.types.ts'
import type { StorageOption } from '#lib/training/dataset.types.ts'
import { useStorageOptions } from '../dataset-queries.ts'
import { storeLooks } from '../store-looks.ts'

export interface StorageProviderCardsProps {
  value: StorageProvider | undefined
  onChange: (provider: StorageProvider) => void
}

/** The one choice of an upload that cannot be changed afterwards. What is not set up stays, with the way to it. */
export function StorageProviderCards({ value, onChange }: StorageProviderCardsProps) {
  const options = useStorageOptions()
  return (
    <div className="grid gap-1.5">
      <span id="storage-provider-label" className="font-medium">
        Storage Provider
      </span>
      {options.isError ? (
        <ErrorState
          error={options.error}
          title="The stores could not be asked for"
          retry={() => options.refetch()}
        />
      ) : options.isPending ? (
        <Loading className="grid gap-2" label="Asking for the stores">
          {storageProviders.map((provider) => (
            <Skeleton key={provider} className="h-16" />
          ))}
        </Loading>
      ) : (
        <RadioGroup
          aria-labelledby="storage-provider-label"
          value={value ?? null}
          onValueChange={(chosen) => onChange(chosen as StorageProvider)}
          className="@container gap-2"
        >
          <div className="grid gap-2 @2xl:grid-cols-3">
            {options.data.options.map((option) => (
              <StoreCard key={option.provider} option={option} />
            ))}
          </div>
        </RadioGroup>
      )}
    </div>
  )
}

function StoreCard({ option }: { option: StorageOption }) {
  const { provider, available, reason, fix_url } = option
  const { icon: Icon, iconStyle, goodFor, lacks } = storeLooks[provider]
  return (
    <RadioCard
      value={provider}
      label={storageProviderLabels[provider].option}
      disabled={!available}
      icon={<Icon aria-hidden className={iconStyle} />}
      footer={
        available ? null : (
          <p className="text-muted-foreground">
            {reason ?? 'Not set up.'}{' '}
            {fix_url ? (
              <Link
                href={fix_url}
                prefetch={false}
                className="text-primary-text underline underline-offset-2"
              >
                Set it up
              </Link>
            ) : null}
          </p>
        )
      }
    >
      {available ? `${goodFor} ${lacks}` : goodFor}
    </RadioCard>
  )
}
