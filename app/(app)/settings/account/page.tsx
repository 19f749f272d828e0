import type { Metadata } from 'next'
import { AccountScreen } from '#components/settings/account/AccountScreen.tsx'

export const metadata: Metadata = { title: 'Account' }

export default function AccountPage() {
  return <AccountScreen />
}
