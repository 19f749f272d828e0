'use client'

import { useSession } from '#components/frame/use-session.tsx'
import { Section } from '#components/ui/card.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { PasswordForm } from './PasswordForm.tsx'
import { SignupSwitch } from './SignupSwitch.tsx'
import { ThemeCards } from './ThemeCards.tsx'

export function AccountScreen() {
  const { data } = useSession()
  return (
    <>
      <Section title="You">
        {data?.user ? (
          <dl className="grid gap-4 sm:grid-cols-2">
            <div className="min-w-0">
              <dt className="text-muted-foreground text-xs">Name</dt>
              <dd className="break-words">
                <bdi>{data.user.name}</bdi>
              </dd>
            </div>
            <div className="min-w-0">
              <dt className="text-muted-foreground text-xs">Email</dt>
              <dd className="break-words">{data.user.email}</dd>
            </div>
          </dl>
        ) : (
          <Skeleton className="h-9" />
        )}
      </Section>
      <Section title="Theme" description="How FineTune Lab looks in this browser.">
        <ThemeCards />
      </Section>
      <Section
        title="Password"
        description={data?.auth === 'supabase' ? 'Of your account in the Supabase project.' : undefined}
      >
        <PasswordForm account={data?.user?.email ?? ''} choosesSessions={data?.auth !== 'supabase'} />
      </Section>
      {data?.is_owner && data.auth === 'local' ? (
        <Section title="Sign-up">
          <SignupSwitch open={data.signup_open} />
        </Section>
      ) : null}
    </>
  )
}
