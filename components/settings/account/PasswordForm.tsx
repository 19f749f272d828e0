'use client'

import { zodResolver } from '@hookform/resolvers/zod'
import { useMutation } from '@tanstack/react-query'
import { Controller, useForm } from 'react-hook-form'
import { toast } from 'sonner'
import { z } from 'zod'
import { PasswordInput } from '#components/login/PasswordInput.tsx'
import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import { Checkbox } from '#components/ui/checkbox.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { Field } from '#components/ui/field.tsx'
import { Label } from '#components/ui/label.tsx'
import { ownerInputSchema, passwordMin, signInSchema } from '#lib/auth/account.types.ts'
import { changePassword, isWrongPassword } from '#lib/client/account.ts'
import { browserApi } from '#lib/client/browser-api.ts'

const passwordChangeSchema = z.object({
  current: signInSchema.shape.password,
  next: ownerInputSchema.shape.password,
  signOutElsewhere: z.boolean(),
})
type PasswordChange = z.infer<typeof passwordChangeSchema>

interface PasswordFormProps {
  /** Tells password managers whose password it is. */
  account: string
  /** Whether one can choose what becomes of the account's other sessions; where not, they end. */
  choosesSessions: boolean
}

export function PasswordForm({ account, choosesSessions }: PasswordFormProps) {
  const form = useForm<PasswordChange>({
    resolver: zodResolver(passwordChangeSchema),
    defaultValues: { current: '', next: '', signOutElsewhere: true },
  })
  const change = useMutation({
    mutationFn: (values: PasswordChange) => changePassword(browserApi, values),
    onSuccess: () => {
      form.reset()
      toast.success('Password changed')
    },
  })
  const { errors } = form.formState
  return (
    <form
      noValidate
      className="grid max-w-md gap-4"
      onSubmit={form.handleSubmit((values) => change.mutate(values))}
    >
      <input type="text" hidden autoComplete="username" value={account} readOnly />
      <Field label="Current password" error={errors.current?.message}>
        {(control) => (
          <PasswordInput {...control} {...form.register('current')} autoComplete="current-password" />
        )}
      </Field>
      <Field label="New password" error={errors.next?.message} hint={`At least ${passwordMin} characters.`}>
        {(control) => <PasswordInput {...control} {...form.register('next')} autoComplete="new-password" />}
      </Field>
      {choosesSessions ? (
        <Controller
          name="signOutElsewhere"
          control={form.control}
          render={({ field }) => (
            <div className="flex items-center gap-2">
              <Checkbox
                id="sign-out-elsewhere"
                checked={field.value}
                onCheckedChange={(on) => field.onChange(on === true)}
              />
              <Label htmlFor="sign-out-elsewhere" className="font-normal">
                Sign out everywhere else
              </Label>
            </div>
          )}
        />
      ) : (
        <p className="text-muted-foreground text-xs">Every other session of this account ends with it.</p>
      )}
      {change.isError ? <ChangeError error={change.error} /> : null}
      <Button type="submit" className="w-fit" busy={change.isPending}>
        Change password
      </Button>
    </form>
  )
}

function ChangeError({ error }: { error: unknown }) {
  if (isWrongPassword(error)) return <Alert tone="danger" title="The current password is not right" />
  return <ErrorState title="The password was not changed" error={error} />
}
