'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { Alert } from '#components/ui/alert.tsx'
import { Badge } from '#components/ui/badge.tsx'
import { Button } from '#components/ui/button.tsx'
import { Section } from '#components/ui/card.tsx'
import { browserApi } from '#lib/client/browser-api.ts'
import { testSecret } from '#lib/client/secrets.ts'
import { type Secret, type SecretProvider, secretProviderLabels } from '#lib/secrets/secret.types.ts'
import { ConnectionTest } from '../connection/ConnectionTest.tsx'
import { DeleteSecret } from './DeleteSecret.tsx'
import { SecretFacts } from './SecretFacts.tsx'
import { SecretForm } from './SecretForm.tsx'
import { entryOf } from './secret-catalog.ts'
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
  return (
    <SecretSection provider={provider} state={stateOf(secret)}>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        {secret?.problem ? (
          <Alert tone="danger" title="This secret cannot be used">
            {secret.problem}
          </Alert>
        ) : null}
        {secret ? <SecretFacts secret={secret} /> : null}
        <div className="flex flex-wrap gap-2">
          {secret ? (
            <Button busy={test.isPending} onClick={() => test.mutate()}>
              Test connection<span className="sr-only"> of {label}</span>
            </Button>
          ) : null}
          <Button ref={opener} aria-expanded={formIsOpen} onClick={() => setOpened(!formIsOpen)}>
            {secret ? 'Replace' : 'Connect'}
            <span className="sr-only"> {secret ? `the ${label} secret` : label}</span>
          </Button>
          {secret ? <DeleteSecret secret={secret} /> : null}
        </div>
        {formIsOpen ? (
          <div className="border-t pt-4">
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
          </div>
        ) : null}
        {secret ? <ConnectionTest run={test} what={label} retry={() => test.mutate()} /> : null}
      </div>
    </SecretSection>
  )
}

type State = 'loading' | 'none' | 'ready' | 'broken' | 'failing'

function stateOf(secret: Secret | null): State {
  if (!secret) return 'none'
  if (secret.problem) return 'broken'
  return secret.last_test?.ok === false ? 'failing' : 'ready'
}

const badges = {
  loading: null,
  none: <Badge>Not connected</Badge>,
  ready: <Badge tone="success">Connected</Badge>,
  broken: <Badge tone="danger">Cannot be opened</Badge>,
  failing: <Badge tone="warning">Test failed</Badge>,
} as const satisfies Record<State, unknown>

/** The frame of a card; links lead to it by the provider's name, also while the secrets are being loaded. */
export function SecretSection({
  provider,
  state,
  children,
}: {
  provider: SecretProvider
  state: State
  children: React.ReactNode
}) {
  return (
    <Section
      id={provider}
      className="scroll-mt-20"
      title={secretProviderLabels[provider]}
      description={entryOf(provider).about}
      aside={badges[state]}
    >
      {children}
    </Section>
  )
}
