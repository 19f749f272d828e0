'use client'

import Link from 'next/link'
import { useSyncExternalStore } from 'react'
import { CodeBlock } from '#components/ui/code-block.tsx'
import { Tabs, TabsContent, TabsList, TabsTrigger } from '#components/ui/tabs.tsx'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { snippets } from './snippets.ts'

const never = () => () => {}

/** Code to take away, each with this dataset's id and this deployment's address in it. */
export function UseItPanel({ dataset }: { dataset: Dataset }) {
  const origin = useSyncExternalStore(
    never,
    () => window.location.origin,
    () => '',
  )
  return (
    <div className="grid gap-4">
      <p className="text-muted-foreground">
        Each asks for a link that lives for 2 hours, with an API token in FINETUNELAB_TOKEN.{' '}
        <Link href="/settings/tokens" className="text-primary-text underline underline-offset-2">
          Create a token
        </Link>
      </p>
      <Tabs defaultValue={snippets[0]?.id}>
        <TabsList aria-label="Ways to use it">
          {snippets.map(({ id, label }) => (
            <TabsTrigger key={id} value={id}>
              {label}
            </TabsTrigger>
          ))}
        </TabsList>
        {snippets.map(({ id, label, code }) => (
          <TabsContent key={id} value={id}>
            <CodeBlock what={label} code={code(origin, dataset.id)} />
          </TabsContent>
        ))}
      </Tabs>
    </div>
  )
}
