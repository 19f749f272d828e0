'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { cn } from '#components/ui/class-names.ts'
import { Brand } from './Brand.tsx'
import { isUnder, navigation } from './navigation.ts'

export function SideNavigation() {
  const pathname = usePathname()
  return (
    <aside className="sticky top-0 hidden h-dvh flex-col bg-background md:flex">
      <Link href="/datasets" className="flex h-12 items-center px-4" aria-label="FineTune Lab, datasets">
        <Brand />
      </Link>
      <nav aria-label="Main" className="grid gap-0.5 px-2 py-2">
        {navigation.map(({ href, label, icon: Icon }) => {
          const current = isUnder(pathname, href)
          return (
            <Link
              key={href}
              href={href}
              aria-current={current ? 'page' : undefined}
              className={cn(
                'flex h-8 items-center gap-2.5 rounded-md px-2 text-muted-foreground hover:bg-hover hover:text-foreground',
                current && 'bg-hover font-medium text-foreground',
              )}
            >
              <Icon className="size-4" aria-hidden />
              {label}
            </Link>
          )
        })}
      </nav>
    </aside>
  )
}
