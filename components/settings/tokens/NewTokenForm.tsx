'use client'

import { zodResolver } from '@hookform/resolvers/zod'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useForm } from 'react-hook-form'
import type { z } from 'zod'
import { Button } from '#components/ui/button.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { NativeSelect } from '#components/ui/native-select.tsx'
import { type ApiTokenCreated, apiTokenInputSchema } from '#lib/auth/account.types.ts'
import { browserApi } from '#lib/client/browser-api.ts'
import { createToken } from '#lib/client/tokens.ts'
import { tokensKey } from './tokens-key.ts'

type TokenInput = z.infer<typeof apiTokenInputSchema>

const lifetimes = [
  { days: 30, label: '30 days' },
  { days: 90, label: '90 days' },
  { days: 365, label: '1 year' },
]

export function NewTokenForm({ onCreated }: { onCreated: (token: ApiTokenCreated) => void }) {
  const queries = useQueryClient()
  const form = useForm<TokenInput>({
    resolver: zodResolver(apiTokenInputSchema),
    defaultValues: { name: '', expires_in_days: 90 },
  })
  const creation = useMutation({
    mutationFn: (input: TokenInput) => createToken(browserApi, input),
    onSuccess: (token) => {
      onCreated(token)
      void queries.invalidateQueries({ queryKey: tokensKey })
    },
  })
  return (
    <form noValidate className="grid gap-4" onSubmit={form.handleSubmit((input) => creation.mutate(input))}>
      <div className="grid items-start gap-4 sm:grid-cols-[minmax(0,1fr)_12rem]">
        <Field label="Name" hint="Where it will be used." error={form.formState.errors.name?.message}>
          {(control) => (
            <Input
              {...control}
              {...form.register('name')}
              autoComplete="off"
              maxLength={100}
              placeholder="Laptop"
            />
          )}
        </Field>
        <Field label="Expires after">
          {(control) => (
            <NativeSelect
              {...control}
              {...form.register('expires_in_days', {
                setValueAs: (days) => (days ? Number(days) : undefined),
              })}
            >
              {lifetimes.map(({ days, label }) => (
                <option key={days} value={days}>
                  {label}
                </option>
              ))}
              <option value="">Never</option>
            </NativeSelect>
          )}
        </Field>
      </div>
      {creation.isError ? <ErrorState title="The token was not created" error={creation.error} /> : null}
      <Button type="submit" variant="primary" className="w-fit" busy={creation.isPending}>
        Create token
      </Button>
    </form>
  )
}
