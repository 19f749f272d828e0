import { useQuery, useQueryClient } from '@tanstack/react-query'
import { browserApi } from '#lib/client/browser-api.ts'
import { listSecrets } from '#lib/client/secrets.ts'
import type { Secret, SecretList, SecretProvider } from '#lib/secrets/secret.types.ts'

export const secretsKey = ['secrets'] as const

export function useSecrets() {
  return useQuery({ queryKey: secretsKey, queryFn: ({ signal }) => listSecrets(browserApi, signal) })
}

/** Shows at once what a change has left of a provider's secret, and asks again for all that depends on keys. */
export function useSecretChanged() {
  const queries = useQueryClient()
  return (provider: SecretProvider, secret: Secret | null) => {
    queries.setQueryData<SecretList>(
      secretsKey,
      (list) =>
        list && {
          secrets: [
            ...list.secrets.filter((other) => other.provider !== provider),
            ...(secret ? [secret] : []),
          ],
        },
    )
    // Stores, training providers, their offers and who may read which dataset: a key opens and closes all of them.
    void queries.invalidateQueries()
  }
}
