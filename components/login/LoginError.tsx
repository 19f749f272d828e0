import { Alert } from '#components/ui/alert.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { isApiError } from '#lib/client/api-error.ts'

/** Refusals that have a plain reason, in words; everything else as it came. */
export function LoginError({ error }: { error: unknown }) {
  const status = isApiError(error) ? error.status : 0
  if (status === 401) return <Alert tone="danger" title="Email and password do not belong together" />
  if (status === 429)
    return (
      <Alert tone="danger" title="Too many attempts">
        Wait a minute, then try again.
      </Alert>
    )
  return <ErrorState error={error} />
}
