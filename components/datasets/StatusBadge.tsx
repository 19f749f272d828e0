import { CircleAlert, LoaderCircle, Trash2 } from 'lucide-react'
import { Badge } from '#components/ui/badge.tsx'
import type { DatasetStatus } from '#lib/training/dataset.types.ts'

const looks = {
  uploading: { tone: 'accent', icon: LoaderCircle, word: 'Uploading' },
  failed: { tone: 'danger', icon: CircleAlert, word: 'Failed' },
  deleting: { tone: 'warning', icon: Trash2, word: 'Being deleted' },
} as const

/** Ready is the rule and says nothing. */
export function StatusBadge({ status }: { status: DatasetStatus }) {
  if (status === 'ready') return null
  const { tone, icon: Icon, word } = looks[status]
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {word}
    </Badge>
  )
}
