import Link from 'next/link'
import { buttonStyle } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'

export default function NotFound() {
  return (
    <main className="grid min-h-dvh place-items-center">
      <EmptyState
        title="There is nothing at this address."
        actions={
          <Link href="/datasets" className={buttonStyle({ variant: 'primary' })}>
            Go to datasets
          </Link>
        }
      >
        It may have been deleted, or belong to somebody else.
      </EmptyState>
    </main>
  )
}
