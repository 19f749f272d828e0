import { StoreBadge } from '#components/datasets/StoreBadge.tsx'
import { formatPlural } from '#lib/display/number-format.ts'
import type { AvailableDataset } from '#lib/training/compatibility.types.ts'

const shownMax = 50

/** Datasets that cannot be chosen, each with why and with what would help. */
export function UnfitDatasets({ datasets }: { datasets: readonly AvailableDataset[] }) {
  if (datasets.length === 0) return null
  const left = datasets.length - shownMax
  return (
    <details className="group" open={datasets.length <= 5}>
      <summary className="w-fit cursor-pointer text-muted-foreground hover:text-foreground">
        {formatPlural(datasets.length, 'dataset')} that cannot be used here
      </summary>
      <ul className="mt-2 divide-y rounded-md border bg-muted">
        {datasets.slice(0, shownMax).map((dataset) => (
          <li
            key={dataset.id}
            aria-disabled="true"
            className="flex flex-wrap items-start gap-x-3 gap-y-1 px-4 py-3"
          >
            <div className="grid min-w-0 flex-1 basis-48 gap-0.5 text-muted-foreground">
              <span dir="auto" className="truncate" title={dataset.name}>
                <bdi>{dataset.name}</bdi>
              </span>
              <span className="text-xs">
                {dataset.reason} {dataset.fix}
              </span>
            </div>
            <StoreBadge provider={dataset.storage_provider} />
          </li>
        ))}
        {left > 0 && <li className="px-4 py-3 text-muted-foreground">And {formatPlural(left, 'other')}.</li>}
      </ul>
    </details>
  )
}
