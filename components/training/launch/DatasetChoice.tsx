'use client'

import Link from 'next/link'
import { useId, useState } from 'react'
import { useFormContext, useWatch } from 'react-hook-form'
import { Button } from '#components/ui/button.tsx'
import { Input } from '#components/ui/input.tsx'
import { formatCount } from '#lib/display/number-format.ts'
import type { AvailableDataset } from '#lib/training/compatibility.types.ts'
import { ChoosableDataset } from './ChoosableDataset.tsx'
import type { LaunchInput } from './launch-values.ts'

const pageSize = 20
const searchFrom = 8

interface DatasetChoiceProps {
  datasets: readonly AvailableDataset[]
  explanation: string | null
  error: string | undefined
}

const weightBounds = 'Above 0, at most 1,000.'

/** The datasets that fit. Several can be mixed, each with a weight. */
export function DatasetChoice({ datasets, explanation, error }: DatasetChoiceProps) {
  const { setValue, formState } = useFormContext<LaunchInput>()
  const chosen = useWatch<LaunchInput, 'datasets'>({ name: 'datasets' }) ?? []
  const [search, setSearch] = useState('')
  const [shown, setShown] = useState(pageSize)
  const id = useId()
  // What the form began with stands first, so that a choice is never out of sight.
  const [begunWith] = useState(() => new Set(chosen.map(({ dataset_id }) => dataset_id)))
  const inOrder = datasets.toSorted((a, b) => Number(begunWith.has(b.id)) - Number(begunWith.has(a.id)))
  const found = inOrder.filter(({ name }) => name.toLowerCase().includes(search.trim().toLowerCase()))
  const set = (next: typeof chosen) =>
    setValue('datasets', next, { shouldDirty: true, shouldValidate: next.length > 0 })
  const toggle = (dataset_id: string) =>
    set(
      chosen.some((choice) => choice.dataset_id === dataset_id)
        ? chosen.filter((choice) => choice.dataset_id !== dataset_id)
        : [...chosen, { dataset_id, weight: 1 }],
    )
  const { errors } = formState
  const wrongWeight = (dataset_id: string) => {
    const at = chosen.findIndex((choice) => choice.dataset_id === dataset_id)
    return errors.datasets?.[at]?.weight ? weightBounds : undefined
  }
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <span id={id} className="font-medium">
          Dataset
        </span>
        {datasets.length >= searchFrom && (
          <Input
            type="search"
            aria-label="Search"
            placeholder="Search"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            className="h-8 w-56 max-w-full"
          />
        )}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot stand beside the search field */}
      <div role="group" aria-labelledby={id} aria-describedby={error ? `${id}-error` : undefined}>
        {datasets.length === 0 ? (
          <NoDatasets explanation={explanation} />
        ) : (
          <ul className="divide-y rounded-md border">
            {found.slice(0, shown).map((dataset) => (
              <ChoosableDataset
                key={dataset.id}
                dataset={dataset}
                weight={chosen.find((choice) => choice.dataset_id === dataset.id)?.weight ?? null}
                mixed={chosen.length > 1}
                problem={wrongWeight(dataset.id)}
                onToggle={() => toggle(dataset.id)}
                onWeight={(weight) =>
                  set(
                    chosen.map((choice) =>
                      choice.dataset_id === dataset.id ? { ...choice, weight } : choice,
                    ),
                  )
                }
              />
            ))}
            {found.length === 0 && (
              <li className="px-4 py-3 text-muted-foreground">No dataset has this in its name.</li>
            )}
          </ul>
        )}
      </div>
      {found.length > shown && (
        <Button className="w-fit" size="sm" onClick={() => setShown(shown + pageSize)}>
          Show more of {formatCount(found.length)}
        </Button>
      )}
      {error && (
        <p id={`${id}-error`} role="alert" className="text-danger text-xs">
          {error}
        </p>
      )}
    </div>
  )
}

function NoDatasets({ explanation }: { explanation: string | null }) {
  return (
    <div className="grid gap-2 rounded-md border border-dashed p-4">
      <p>{explanation ?? 'There is no dataset that fits yet.'}</p>
      <Button className="w-fit" asChild>
        <Link href="/datasets">Upload a dataset</Link>
      </Button>
    </div>
  )
}
