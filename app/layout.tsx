import { GeistMono } from 'geist/font/mono'
import { GeistSans } from 'geist/font/sans'
import type { Metadata, Viewport } from 'next'
import { headers } from 'next/headers'
import type { ReactNode } from 'react'
import { PageProviders } from '#components/frame/PageProviders.tsx'
import './globals.css'

export const metadata: Metadata = {
  title: { default: 'FineTune Lab', template: '%s · FineTune Lab' },
  description: 'Bring a dataset once, choose where it lives, train on it anywhere.',
}

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  viewportFit: 'cover',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fafafb' },
    { media: '(prefers-color-scheme: dark)', color: '#0e0f12' },
  ],
}

/** Reads the request's nonce, so that every page is rendered for its request and its scripts may run. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const nonce = (await headers()).get('x-nonce') ?? undefined
  return (
    <html lang="en" suppressHydrationWarning className={`${GeistSans.variable} ${GeistMono.variable}`}>
      <body>
        <PageProviders nonce={nonce}>{children}</PageProviders>
      </body>
    </html>
  )
}
