import { formatLabels } from '#components/datasets/format-labels.ts'
import { StoreBadge } from '#components/datasets/StoreBadge.tsx'
import { Badge } from '#components/ui/badge.tsx'
import { Checkbox } from '#components/ui/checkbox.tsx'
import { Input } from '#components/ui/input.tsx'
import { Bytes } from '#components/ui/measured.tsx'
import { formatPlural } from '#lib/display/number-format.ts'
import type { AvailableDataset } from '#lib/training/compatibility.types.ts'

interface ChoosableDatasetProps {
  dataset: AvailableDataset
  /** Null: not chosen. */
  weight: number | null
  /** More than one is chosen, so that weights mean something. */
  mixed: boolean
  /** What is wrong with the weight. */
  problem?: string | undefined
  onToggle: () => void
  onWeight: (weight: number) => void
}

export function ChoosableDataset(props: ChoosableDatasetProps) {
  const { dataset, weight, mixed, problem, onToggle, onWeight } = props
  const chosen = weight !== null
  const asksWeight = chosen && (mixed || problem !== undefined)
  const id = `dataset-${dataset.id}`
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3 hover:bg-hover has-[[data-state=checked]]:bg-primary-soft">
      <Checkbox
        id={id}
        checked={chosen}
        onCheckedChange={onToggle}
        aria-label={dataset.name}
        aria-describedby={`${id}-facts`}
      />
      <label htmlFor={id} className="grid min-w-0 flex-1 basis-48 gap-0.5">
        <span dir="auto" className="truncate" title={dataset.name}>
          <bdi>{dataset.name}</bdi>
        </span>
        <span id={`${id}-facts`} className="text-muted-foreground text-xs">
          {dataset.total_examples === null ? 'Unknown size' : formatPlural(dataset.total_examples, 'example')}
          {dataset.format && `, ${formatLabels[dataset.format]}`}, <Bytes value={dataset.file_size_bytes} />
        </span>
      </label>
      {asksWeight && (
        <span className="flex items-center gap-2 text-xs">
          <label htmlFor={`${id}-weight`} className="text-muted-foreground">
            Weight<span className="sr-only"> of {dataset.name}</span>
          </label>
          <Input
            id={`${id}-weight`}
            type="number"
            min={0.01}
            max={1000}
            step="any"
            defaultValue={Number.isNaN(weight) ? '' : weight}
            aria-invalid={problem !== undefined}
            {...(problem === undefined ? {} : { 'aria-describedby': `${id}-problem` })}
            onChange={(event) => onWeight(event.currentTarget.valueAsNumber)}
            className="h-8 w-20"
          />
        </span>
      )}
      {asksWeight && problem !== undefined && (
        <span id={`${id}-problem`} className="text-danger text-xs">
          {problem}
        </span>
      )}
      {dataset.cross_storage && <Badge tone="warning">Egress fees</Badge>}
      <StoreBadge provider={dataset.storage_provider} />
    </li>
  )
}
