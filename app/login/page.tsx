import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { safeNext } from '#components/frame/go-to-login.ts'
import { LoginScreen } from '#components/login/LoginScreen.tsx'
import { readPageSession } from '#lib/server/page-session.ts'

export const metadata: Metadata = { title: 'Sign in' }

type Search = Record<string, string | string[] | undefined>

export default async function LoginPage({ searchParams }: { searchParams: Promise<Search> }) {
  const { next } = await searchParams
  const target = safeNext(typeof next === 'string' ? next : null)
  const session = await readPageSession()
  if (session.user) redirect(target)
  return <LoginScreen session={session} target={target} />
}
