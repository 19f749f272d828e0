'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { cn } from '#components/ui/class-names.ts'
import { isUnder, navigation } from './navigation.ts'

/** The main navigation where a thumb reaches it. */
export function BottomBar() {
  const pathname = usePathname()
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 grid grid-cols-4 border-t bg-background pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {navigation.map(({ href, label, icon: Icon }) => {
        const current = isUnder(pathname, href)
        return (
          <Link
            key={href}
            href={href}
            aria-current={current ? 'page' : undefined}
            className={cn(
              'grid h-14 place-content-center justify-items-center gap-1 text-muted-foreground text-xs focus-visible:-outline-offset-2',
              current && 'font-medium text-foreground',
            )}
          >
            <Icon className="size-5" aria-hidden />
            {label}
          </Link>
        )
      })}
    </nav>
  )
}
