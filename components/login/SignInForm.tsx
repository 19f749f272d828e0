'use client'

import { zodResolver } from '@hookform/resolvers/zod'
import { useMutation } from '@tanstack/react-query'
import { useForm } from 'react-hook-form'
import type { z } from 'zod'
import { Button } from '#components/ui/button.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { signInSchema } from '#lib/auth/account.types.ts'
import { signIn } from '#lib/client/account.ts'
import { browserApi } from '#lib/client/browser-api.ts'
import { LoginError } from './LoginError.tsx'
import { PasswordInput } from './PasswordInput.tsx'

type Credentials = z.infer<typeof signInSchema>

export function SignInForm({ onEntered }: { onEntered: () => void }) {
  const form = useForm<Credentials>({
    resolver: zodResolver(signInSchema),
    defaultValues: { email: '', password: '' },
  })
  const entry = useMutation({
    mutationFn: (credentials: Credentials) => signIn(browserApi, credentials),
    onSuccess: onEntered,
    onError: () => form.setFocus('password', { shouldSelect: true }),
  })
  const { errors } = form.formState
  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={form.handleSubmit((credentials) => entry.mutate(credentials))}
    >
      <h1 className="font-medium text-lg">Sign in</h1>
      {entry.isError ? <LoginError error={entry.error} /> : null}
      <Field label="Email" error={errors.email?.message}>
        {(control) => (
          <Input {...control} {...form.register('email')} type="email" autoComplete="username" autoFocus />
        )}
      </Field>
      <Field label="Password" error={errors.password?.message}>
        {(control) => (
          <PasswordInput {...control} {...form.register('password')} autoComplete="current-password" />
        )}
      </Field>
      <Button type="submit" variant="primary" size="lg" busy={entry.isPending || entry.isSuccess}>
        Sign in
      </Button>
    </form>
  )
}
