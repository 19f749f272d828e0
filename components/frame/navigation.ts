import { Database, ListChecks, type LucideIcon, Settings, Sparkles } from 'lucide-react'

export interface NavigationEntry {
  href: string
  label: string
  icon: LucideIcon
  /** Pressed after `g`. */
  key: string
}

export const navigation: NavigationEntry[] = [
  { href: '/datasets', label: 'Datasets', icon: Database, key: 'd' },
  { href: '/training', label: 'Training', icon: Sparkles, key: 't' },
  { href: '/jobs', label: 'Jobs', icon: ListChecks, key: 'j' },
  { href: '/settings', label: 'Settings', icon: Settings, key: 's' },
]

export const settingsPages = [
  { href: '/settings/secrets', label: 'Secrets' },
  { href: '/settings/tokens', label: 'Tokens' },
  { href: '/settings/storage', label: 'Storage' },
  { href: '/settings/account', label: 'Account' },
]

export function isUnder(pathname: string, href: string): boolean {
  return pathname === href || pathname.startsWith(`${href}/`)
}
