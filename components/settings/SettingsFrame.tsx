'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'
import { isUnder, settingsPages } from '#components/frame/navigation.ts'
import { PageHeading } from '#components/frame/PageHeading.tsx'
import { tabStyle } from '#components/ui/tabs.tsx'

/** The heading and the way between the settings pages; each of them brings its sections. */
export function SettingsFrame({ children }: { children: ReactNode }) {
  const pathname = usePathname()
  return (
    <div className="mx-auto max-w-4xl">
      <PageHeading title="Settings" />
      <nav aria-label="Settings" className="mb-6 flex gap-5 overflow-x-auto border-b [scrollbar-width:none]">
        {settingsPages.map(({ href, label }) => {
          const current = isUnder(pathname, href)
          return (
            <Link
              key={href}
              href={href}
              aria-current={current ? 'page' : undefined}
              data-state={current ? 'active' : 'inactive'}
              className={tabStyle}
            >
              {label}
            </Link>
          )
        })}
      </nav>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-6">{children}</div>
    </div>
  )
}
