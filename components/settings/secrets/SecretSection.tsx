import type { ReactNode } from 'react'
import { Badge } from '#components/ui/badge.tsx'
import { Section } from '#components/ui/card.tsx'
import { type Secret, type SecretProvider, secretProviderLabels } from '#lib/secrets/secret.types.ts'
import { entryOf } from './secret-catalog.ts'

type State = 'loading' | 'none' | 'ready' | 'broken' | 'failing'

export function stateOfSecret(secret: Secret | null): State {
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
} as const satisfies Record<State, ReactNode>

interface SecretSectionProps {
  provider: SecretProvider
  state: State
  action?: ReactNode
  children?: ReactNode
}

/** The frame of a card; links lead to it by the provider's name, also while the secrets are being loaded. */
export function SecretSection({ provider, state, action, children }: SecretSectionProps) {
  return (
    <Section
      id={provider}
      className="scroll-mt-20"
      title={secretProviderLabels[provider]}
      description={entryOf(provider).about}
      aside={
        <span className="flex items-center gap-3">
          {badges[state]}
          {action}
        </span>
      }
    >
      {children}
    </Section>
  )
}
