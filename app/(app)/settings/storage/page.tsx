import type { Metadata } from 'next'
import { StorageScreen } from '#components/settings/storage/StorageScreen.tsx'

export const metadata: Metadata = { title: 'Storage' }

export default function StoragePage() {
  return <StorageScreen />
}
