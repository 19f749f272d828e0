'use client'

import type { ReactNode } from 'react'
import { AccountMenu } from './AccountMenu.tsx'
import { BottomBar } from './BottomBar.tsx'
import { Breadcrumb, BreadcrumbProvider } from './Breadcrumb.tsx'
import { CommandPalette } from './CommandPalette.tsx'
import { ConnectionNotice } from './ConnectionNotice.tsx'
import { FrameShortcuts } from './FrameShortcuts.tsx'
import { SessionGate } from './SessionGate.tsx'
import { SideNavigation } from './SideNavigation.tsx'
import { UploadChip } from './UploadChip.tsx'

/** What stands around every page of somebody who is signed in. */
export function AppFrame({ children }: { children: ReactNode }) {
  return (
    <BreadcrumbProvider>
      <FrameShortcuts>
        <a
          href="#content"
          className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded-md focus:bg-card focus:px-3 focus:py-2"
        >
          Skip to content
        </a>
        <div className="min-h-dvh md:grid md:grid-cols-[13rem_minmax(0,1fr)]">
          <SideNavigation />
          <div className="flex min-h-dvh min-w-0 flex-col md:border-l pb-[calc(3.5rem+env(safe-area-inset-bottom))] md:pb-0">
            <header className="sticky top-0 z-30 flex h-12 items-center gap-2 border-b bg-background px-4 sm:px-6">
              <Breadcrumb />
              <div className="ml-auto flex shrink-0 items-center gap-1.5">
                <UploadChip />
                <CommandPalette />
                <AccountMenu />
              </div>
            </header>
            <ConnectionNotice />
            <main id="content" tabIndex={-1} className="min-w-0 flex-1 p-4 outline-none sm:p-6">
              <SessionGate>{children}</SessionGate>
            </main>
          </div>
          <BottomBar />
        </div>
      </FrameShortcuts>
    </BreadcrumbProvider>
  )
}
