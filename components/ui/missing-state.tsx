import Link from 'next/link'
import { buttonStyle } from './button.tsx'
import { EmptyState } from './empty-state.tsx'

interface MissingStateProps {
  /** Such as "dataset". */
  what: string
  /** Where those that there are stand. */
  list: { href: string; label: string }
}

/** For a page of one thing, at the address of one that is not there: trying again would not help. */
export function MissingState({ what, list }: MissingStateProps) {
  return (
    <EmptyState
      title={`There is no such ${what}.`}
      actions={
        <Link href={list.href} className={buttonStyle({ variant: 'primary' })}>
          {list.label}
        </Link>
      }
    >
      It may have been deleted, or belong to somebody else.
    </EmptyState>
  )
}
