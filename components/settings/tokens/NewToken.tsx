'use client'

import { useEffect, useRef } from 'react'
import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import type { ApiTokenCreated } from '#lib/auth/account.types.ts'

/** The one time that a token is shown. */
export function NewToken({ token, onDone }: { token: ApiTokenCreated; onDone: () => void }) {
  const heading = useRef<HTMLDivElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <div className="grid gap-4">
      <div ref={heading} tabIndex={-1} className="outline-none">
        <Alert
          tone="success"
          role="status"
          title={
            <>
              Token “<bdi>{token.name}</bdi>” created
            </>
          }
        >
          Copy it now: only its hash is kept, so it cannot be shown again.
        </Alert>
      </div>
      <div className="flex items-start gap-2 rounded-md border bg-muted py-1 pr-1 pl-3">
        <code className="min-w-0 flex-1 self-center break-all font-mono text-xs">{token.token}</code>
        <CopyButton value={token.token} what="token">
          Copy
        </CopyButton>
      </div>
      <Button className="w-fit" onClick={onDone}>
        Done
      </Button>
    </div>
  )
}
