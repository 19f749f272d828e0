import { redirect } from 'next/navigation'
import type { ReactNode } from 'react'
import { UploadProvider } from '#components/datasets/upload/UploadProvider.tsx'
import { AppFrame } from '#components/frame/AppFrame.tsx'
import { SessionSeed } from '#components/frame/use-session.tsx'
import { readPageSession, signInPath } from '#lib/server/page-session.ts'

/** Uploads live above the pages, so that they go on while other pages are looked at. */
export default async function SignedInLayout({ children }: { children: ReactNode }) {
  const session = await readPageSession()
  if (!session.user) redirect(await signInPath())
  return (
    <SessionSeed session={session}>
      <UploadProvider>
        <AppFrame>{children}</AppFrame>
      </UploadProvider>
    </SessionSeed>
  )
}
