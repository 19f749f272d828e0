'use client'

import { Select, SelectContent, SelectItem, SelectTrigger } from '#components/ui/select.tsx'
import { formatRelative } from '#lib/display/time-format.ts'
import { trainingMethodLabels } from '#lib/training/training-config.types.ts'
import { DeleteConfigDialog } from './DeleteConfigDialog.tsx'
import { useSavedConfigs } from './launch-queries.ts'

const shownMax = 100

/** Fills the form with what was saved before, or deletes it; nothing is shown while there is nothing. */
export function SavedConfigs({
  current,
  onChoose,
}: {
  current: string | null
  onChoose: (id: string) => void
}) {
  const configs = useSavedConfigs()
  if (!configs.data || configs.data.configs.length === 0) return null
  const chosen = configs.data.configs.find(({ id }) => id === current)
  return (
    <div className="flex max-w-full flex-wrap gap-2">
      <Select value={current ?? ''} onValueChange={onChoose}>
        <SelectTrigger
          aria-label="Start from a saved configuration"
          placeholder="Start from a saved configuration"
          className="w-72 max-w-full"
        />
        <SelectContent className="max-w-96">
          {configs.data.configs.slice(0, shownMax).map((config) => (
            <SelectItem
              key={config.id}
              value={config.id}
              hint={`${trainingMethodLabels[config.method]}, ${formatRelative(new Date(config.updated_at), new Date())}`}
            >
              <bdi className="break-words">{config.name}</bdi>
            </SelectItem>
          ))}
        </SelectContent>
      </Select>
      {chosen && <DeleteConfigDialog config={chosen} />}
    </div>
  )
}
