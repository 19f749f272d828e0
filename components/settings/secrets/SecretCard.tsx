'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import { browserApi } from '#lib/client/browser-api.ts'
import { testSecret } from '#lib/client/secrets.ts'
import { type Secret, type SecretProvider, secretProviderLabels } from '#lib/secrets/secret.types.ts'
import { ConnectionTest } from '../connection/ConnectionTest.tsx'
import { DeleteSecret } from './DeleteSecret.tsx'
import { SecretFacts } from './SecretFacts.tsx'
import { SecretForm } from './SecretForm.tsx'
import { SecretSection, stateOfSecret } from './SecretSection.tsx'
import { secretsKey } from './secret-queries.ts'
import { useLocationHash } from './use-location-hash.ts'

interface SecretCardProps {
  provider: SecretProvider
  secret: Secret | null
}

/** One provider: what is known of its key, and all that can be done with it. */
export function SecretCard({ provider, secret }: SecretCardProps) {
  const label = secretProviderLabels[provider]
  const ledHere = useLocationHash() === `#${provider}`
  const [opened, setOpened] = useState<boolean | null>(null)
  const formIsOpen = opened ?? (ledHere && secret === null)
  const opener = useRef<HTMLButtonElement>(null)
  const queries = useQueryClient()
  const test = useMutation({
    mutationFn: () => testSecret(browserApi, provider),
    onSettled: () => queries.invalidateQueries({ queryKey: secretsKey }),
  })
  useFocusAfterDeletion(secret, opener)

  const openForm = (
    <Button ref={opener} aria-expanded={formIsOpen} onClick={() => setOpened(!formIsOpen)}>
      {secret ? 'Replace' : 'Connect'}
      <span className="sr-only"> {secret ? `the ${label} secret` : label}</span>
    </Button>
  )
  const form = formIsOpen ? (
    <SecretForm
      provider={provider}
      secret={secret}
      focusFirst={opened === true}
      onSaved={() => {
        setOpened(false)
        test.mutate()
      }}
      onCancel={() => {
        setOpened(false)
        opener.current?.focus()
      }}
    />
  ) : null
  if (!secret)
    return (
      <SecretSection provider={provider} state="none" action={openForm}>
        {form}
      </SecretSection>
    )
  return (
    <SecretSection provider={provider} state={stateOfSecret(secret)}>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        {secret.problem ? (
          <Alert tone="danger" title="This secret cannot be used">
            {secret.problem}
          </Alert>
        ) : null}
        <SecretFacts secret={secret} />
        <div className="flex flex-wrap gap-2">
          <Button busy={test.isPending} onClick={() => test.mutate()}>
            Test connection<span className="sr-only"> of {label}</span>
          </Button>
          {openForm}
          <DeleteSecret secret={secret} />
        </div>
        {form ? <div className="border-t pt-4">{form}</div> : null}
        <ConnectionTest run={test} what={label} retry={() => test.mutate()} />
      </div>
    </SecretSection>
  )
}

/** The button that a secret was deleted with goes with it; the one that puts it in again is next. */
function useFocusAfterDeletion(secret: Secret | null, opener: React.RefObject<HTMLButtonElement | null>) {
  const wasThere = useRef(false)
  useEffect(() => {
    if (wasThere.current && !secret) opener.current?.focus()
    wasThere.current = secret !== null
  }, [secret, opener])
}
