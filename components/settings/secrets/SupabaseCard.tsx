'use client'

import { useStorageOptions } from '#components/datasets/dataset-queries.ts'
import { Badge } from '#components/ui/badge.tsx'
import { Section } from '#components/ui/card.tsx'
import { StoreTest } from '../connection/StoreTest.tsx'

/** The project that the deployment is set up with: nobody's own secret, but everybody's to try. */
export function SupabaseCard() {
  const options = useStorageOptions()
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
      <StoreTest provider="supabase" />
    </Section>
  )
}
