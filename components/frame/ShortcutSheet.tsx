'use client'

import { Dialog, DialogContent } from '#components/ui/dialog.tsx'
import { Kbd } from '#components/ui/kbd.tsx'
import { navigation } from './navigation.ts'

const groups = [
  {
    title: 'Everywhere',
    keys: [
      { keys: ['Ctrl', 'K'], does: 'Go anywhere, find a dataset' },
      { keys: ['?'], does: 'Show these keys' },
      ...navigation.map(({ key, label }) => ({ keys: ['G', key.toUpperCase()], does: `Go to ${label}` })),
    ],
  },
  {
    title: 'Datasets',
    keys: [
      { keys: ['/'], does: 'Search' },
      { keys: ['U'], does: 'Open the upload panel' },
    ],
  },
  {
    title: 'Rows of a dataset',
    keys: [
      { keys: ['J'], does: 'Next row' },
      { keys: ['K'], does: 'Row before' },
      { keys: ['R'], does: 'Read or raw' },
    ],
  },
]

export function ShortcutSheet({
  open,
  onOpenChange,
}: {
  open: boolean
  onOpenChange: (open: boolean) => void
}) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent title="Keyboard shortcuts">
        {groups.map(({ title, keys }) => (
          <section key={title} aria-label={title} className="grid gap-1.5">
            <h3 className="text-muted-foreground text-xs">{title}</h3>
            <dl className="grid gap-1.5">
              {keys.map((entry) => (
                <div key={entry.does} className="flex items-center justify-between gap-4">
                  <dt className="order-2 flex gap-1">
                    {entry.keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dt>
                  <dd>{entry.does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </DialogContent>
    </Dialog>
  )
}
