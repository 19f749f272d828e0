'use client'

import { useMutation } from '@tanstack/react-query'
import { useStorageOptions } from '#components/datasets/dataset-queries.ts'
import { Badge } from '#components/ui/badge.tsx'
import { Button } from '#components/ui/button.tsx'
import { Section } from '#components/ui/card.tsx'
import { browserApi } from '#lib/client/browser-api.ts'
import { testStorage } from '#lib/client/storage.ts'
import { ConnectionTest } from '../connection/ConnectionTest.tsx'

/** The project that the deployment is set up with: nobody's own secret, but everybody's to try. */
export function SupabaseCard() {
  const options = useStorageOptions()
  const test = useMutation({ mutationFn: () => testStorage(browserApi, 'supabase') })
  const there = options.data?.options.some(({ provider, available }) => provider === 'supabase' && available)
  if (!there) return null
  return (
    <Section
      id="supabase"
      className="scroll-mt-20"
      title="Supabase Storage"
      description="Set up by whoever runs this deployment, for all its users. There is no key of your own to put in."
      aside={<Badge tone="success">Connected</Badge>}
    >
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <Button className="w-fit" busy={test.isPending} onClick={() => test.mutate()}>
          Test connection<span className="sr-only"> of Supabase Storage</span>
        </Button>
        <ConnectionTest run={test} what="Supabase Storage" retry={() => test.mutate()} />
      </div>
    </Section>
  )
}
