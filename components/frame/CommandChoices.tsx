'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Database, Upload } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import {
  Command,
  CommandEmpty,
  CommandGroup,
  CommandInput,
  CommandItem,
  CommandList,
} from '#components/ui/command.tsx'
import { browserApi } from '#lib/client/browser-api.ts'
import { listDatasets } from '#lib/client/datasets.ts'
import { navigation, settingsPages } from './navigation.ts'

const pages = [
  ...navigation.filter(({ href }) => href !== '/settings'),
  ...settingsPages.map((page) => ({ ...page, label: `Settings: ${page.label}`, icon: navigation[3]!.icon })),
]

export function CommandChoices({ go }: { go: (href: string) => void }) {
  const [typed, setTyped] = useState('')
  const search = useDeferredValue(typed.trim())
  const { data, isPlaceholderData, isError } = useQuery({
    queryKey: ['datasets', 'palette', search],
    queryFn: ({ signal }) => listDatasets(browserApi, { search, limit: 8 }, signal),
    placeholderData: keepPreviousData,
  })
  // What was found for other words is not offered for these.
  const searching = isPlaceholderData || search !== typed.trim()
  const words = typed.trim().toLowerCase()
  const matching = pages.filter(({ label }) => label.toLowerCase().includes(words))
  return (
    <Command label="Search and go" shouldFilter={false}>
      <CommandInput value={typed} onValueChange={setTyped} placeholder="Find a page or a dataset" />
      <CommandList>
        <CommandEmpty>
          {isError
            ? 'The datasets could not be searched.'
            : searching
              ? 'Searching'
              : 'Nothing is called that.'}
        </CommandEmpty>
        {matching.length > 0 || words === '' ? (
          <CommandGroup heading="Go to">
            {matching.map(({ href, label, icon: Icon }) => (
              <CommandItem key={href} value={href} onSelect={() => go(href)}>
                <Icon aria-hidden />
                {label}
              </CommandItem>
            ))}
            {words === '' ? (
              <CommandItem value="upload" onSelect={() => go('/datasets?upload=1')}>
                <Upload aria-hidden />
                Upload a dataset
              </CommandItem>
            ) : null}
          </CommandGroup>
        ) : null}
        {data && !searching && data.datasets.length > 0 ? (
          <CommandGroup heading="Datasets">
            {data.datasets.map(({ id, name }) => (
              <CommandItem key={id} value={id} onSelect={() => go(`/datasets/${id}`)}>
                <Database aria-hidden />
                <bdi className="truncate">{name}</bdi>
              </CommandItem>
            ))}
          </CommandGroup>
        ) : null}
      </CommandList>
    </Command>
  )
}
