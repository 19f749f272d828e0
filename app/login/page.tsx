import type { Metadata } from 'next'
import { LoginScreen } from '#components/login/LoginScreen.tsx'

export const metadata: Metadata = { title: 'Sign in' }

type Search = Record<string, string | string[] | undefined>

export default async function LoginPage({ searchParams }: { searchParams: Promise<Search> }) {
  const { next } = await searchParams
  return <LoginScreen next={typeof next === 'string' ? next : null} />
}
