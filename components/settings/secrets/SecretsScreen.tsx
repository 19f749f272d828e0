'use client'

import { ErrorState } from '#components/ui/error-state.tsx'
import { Loading, Skeleton } from '#components/ui/skeleton.tsx'
import { secretProviders } from '#lib/secrets/secret.types.ts'
import { SecretCard } from './SecretCard.tsx'
import { SecretSection } from './SecretSection.tsx'
import { SupabaseCard } from './SupabaseCard.tsx'
import { useSecrets } from './secret-queries.ts'

/** A card a provider. Keys go in here and are never shown again. */
export function SecretsScreen() {
  const secrets = useSecrets()
  if (secrets.isError && !secrets.data)
    return (
      <ErrorState
        title="The secrets could not be loaded"
        error={secrets.error}
        retry={() => secrets.refetch()}
      />
    )
  return (
    <>
      <p className="max-w-prose text-muted-foreground">
        Keys are sealed before they are stored, opened only for the call that needs them, and never shown
        again. No GPU ever gets one.
      </p>
      {secretProviders.map((provider) =>
        secrets.data ? (
          <SecretCard
            key={provider}
            provider={provider}
            secret={secrets.data.secrets.find((secret) => secret.provider === provider) ?? null}
          />
        ) : (
          <SecretSection
            key={provider}
            provider={provider}
            state="loading"
            action={
              <Loading label="Loading the secrets">
                <Skeleton className="h-8 w-44" />
              </Loading>
            }
          />
        ),
      )}
      <SupabaseCard />
    </>
  )
}
