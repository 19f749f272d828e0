import type { ReactNode } from 'react'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import type { Secret } from '#lib/secrets/secret.types.ts'
import { isNeeded, needsInWords, SecretNeedsList } from './SecretNeedsList.tsx'
import { entryOf } from './secret-catalog.ts'

/** All that is known of a secret but the secret. */
export function SecretFacts({ secret }: { secret: Secret }) {
  const { keyField, facts } = entryOf(secret.provider)
  const { last_test: test } = secret
  return (
    <div className="grid gap-4">
      {secret.description ? (
        <p className="break-words" dir="auto">
          {secret.description}
        </p>
      ) : null}
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-3">
        <Fact label={keyField.label} code>
          {secret.preview}
        </Fact>
        {facts(secret.metadata).map(([label, value]) => (
          <Fact key={label} label={label} code>
            {value}
          </Fact>
        ))}
        <Fact label="Saved">
          <RelativeTime value={secret.updated_at} />
        </Fact>
        <Fact label="Last used">
          {secret.last_used_at ? <RelativeTime value={secret.last_used_at} /> : 'Never'}
        </Fact>
        <Fact label="Last test">
          {test ? (
            <>
              {test.ok ? 'Passed ' : 'Failed '}
              <RelativeTime value={test.at} />
            </>
          ) : (
            'Never'
          )}
        </Fact>
      </dl>
      {isNeeded(secret.needed_by) ? (
        <details>
          <summary className="w-fit cursor-pointer text-muted-foreground hover:text-foreground">
            Needed by {needsInWords(secret.needed_by)}
          </summary>
          <div className="mt-2">
            <SecretNeedsList needs={secret.needed_by} />
          </div>
        </details>
      ) : null}
    </div>
  )
}

function Fact({ label, code, children }: { label: string; code?: boolean; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-muted-foreground text-xs">{label}</dt>
      <dd className={code ? 'break-all font-mono text-xs leading-5' : ''}>{children}</dd>
    </div>
  )
}
