import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { isApiError } from '#lib/client/api-error.ts'
import { goToLogin } from './go-to-login.ts'

/** Repeats only what may work when repeated; a session that ended leads to the sign-in page and back. */
export function createQueryClient(): QueryClient {
  const onError = (error: unknown) => {
    if (isApiError(error) && error.status === 401) goToLogin()
  }
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => failures < 2 && isApiError(error) && error.retryable,
        retryDelay: (failures) => 500 * 2 ** failures,
        // Errors are shown at once with a way to try again, also offline.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  })
}
