import type { Metadata } from 'next'
import { SecretsScreen } from '#components/settings/secrets/SecretsScreen.tsx'

export const metadata: Metadata = { title: 'Secrets' }

export default function SecretsPage() {
  return <SecretsScreen />
}
