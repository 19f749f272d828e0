'use client'

import { zodResolver } from '@hookform/resolvers/zod'
import { useMutation } from '@tanstack/react-query'
import { useForm } from 'react-hook-form'
import type { z } from 'zod'
import { Button } from '#components/ui/button.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { ownerInputSchema, passwordMin } from '#lib/auth/account.types.ts'
import { createOwner, signUp } from '#lib/client/account.ts'
import { browserApi } from '#lib/client/browser-api.ts'
import { LoginError } from './LoginError.tsx'
import { PasswordInput } from './PasswordInput.tsx'

type NewAccount = z.infer<typeof ownerInputSchema>

const kinds = {
  owner: {
    title: 'Create the owner',
    about: 'This deployment has no account yet. Yours will own it.',
    button: 'Create owner',
    create: createOwner,
  },
  member: {
    title: 'Create an account',
    about: 'Your datasets, jobs and keys are yours alone.',
    button: 'Create account',
    create: signUp,
  },
} as const

interface NewAccountFormProps {
  kind: keyof typeof kinds
  onEntered: () => void
  /** The account is made, but its address has to be confirmed before anybody can sign in with it. */
  onConfirmationSent: (email: string) => void
}

export function NewAccountForm({ kind, onEntered, onConfirmationSent }: NewAccountFormProps) {
  const { title, about, button, create } = kinds[kind]
  const form = useForm<NewAccount>({
    resolver: zodResolver(ownerInputSchema),
    defaultValues: { name: '', email: '', password: '' },
  })
  const creation = useMutation({
    mutationFn: (account: NewAccount) => create(browserApi, account),
    onSuccess: ({ confirmation_sent }, { email }) =>
      confirmation_sent ? onConfirmationSent(email) : onEntered(),
  })
  const { errors } = form.formState
  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={form.handleSubmit((account) => creation.mutate(account))}
    >
      <div className="grid gap-1">
        <h1 className="font-medium text-lg">{title}</h1>
        <p className="text-muted-foreground">{about}</p>
      </div>
      {creation.isError ? <LoginError error={creation.error} /> : null}
      <Field label="Name" error={errors.name?.message}>
        {(control) => <Input {...control} {...form.register('name')} autoComplete="name" autoFocus />}
      </Field>
      <Field label="Email" error={errors.email?.message}>
        {(control) => <Input {...control} {...form.register('email')} type="email" autoComplete="username" />}
      </Field>
      <Field label="Password" error={errors.password?.message} hint={`At least ${passwordMin} characters.`}>
        {(control) => (
          <PasswordInput {...control} {...form.register('password')} autoComplete="new-password" />
        )}
      </Field>
      <Button type="submit" variant="primary" size="lg" busy={creation.isPending || creation.isSuccess}>
        {button}
      </Button>
    </form>
  )
}
