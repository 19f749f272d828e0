import type { ReactNode } from 'react'
import { UploadProvider } from '#components/datasets/upload/UploadProvider.tsx'
import { AppFrame } from '#components/frame/AppFrame.tsx'

/** Uploads live above the pages, so that they go on while other pages are looked at. */
export default function SignedInLayout({ children }: { children: ReactNode }) {
  return (
    <UploadProvider>
      <AppFrame>{children}</AppFrame>
    </UploadProvider>
  )
}
