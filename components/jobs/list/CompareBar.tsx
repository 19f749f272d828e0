import Link from 'next/link'
import { Button } from '#components/ui/button.tsx'
import { formatPlural } from '#lib/display/number-format.ts'

/** Stands at the foot of the screen once a job is ticked. */
export function CompareBar({ ids, onClear }: { ids: readonly string[]; onClear: () => void }) {
  if (ids.length === 0) return null
  return (
    <section
      aria-label="Comparison"
      className="sticky bottom-20 z-20 mx-auto mt-4 flex w-fit max-w-full flex-wrap items-center gap-3 rounded-md border bg-popover px-4 py-2 shadow-raised md:bottom-4"
    >
      <span>{formatPlural(ids.length, 'job')} ticked</span>
      {ids.length > 1 ? (
        <Button variant="primary" size="sm" asChild>
          <Link href={`/jobs/compare?ids=${ids.join(',')}`}>Compare curves</Link>
        </Button>
      ) : (
        <span className="text-muted-foreground">Tick another to compare their curves</span>
      )}
      <Button size="sm" variant="ghost" onClick={onClear}>
        Clear
      </Button>
    </section>
  )
}
