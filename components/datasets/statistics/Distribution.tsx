import { formatCount, formatPercent } from '#lib/display/number-format.ts'

/** Counts by name, largest first, each with its share as a bar. */
export function Distribution({ counts }: { counts: Readonly<Record<string, number>> }) {
  const entries = Object.entries(counts).toSorted(([, one], [, other]) => other - one)
  const total = entries.reduce((sum, [, count]) => sum + count, 0)
  return (
    <dl className="grid gap-2">
      {entries.map(([name, count]) => (
        <div key={name} className="grid grid-cols-[minmax(4rem,8rem)_minmax(0,1fr)_auto] items-center gap-3">
          <dt className="truncate" title={name}>
            {name}
          </dt>
          <dd aria-hidden className="h-2 overflow-hidden rounded-full bg-muted">
            <div className="h-full bg-chart-1" style={{ width: `${(100 * count) / total}%` }} />
          </dd>
          <dd className="text-right">
            {formatCount(count)}{' '}
            <span className="text-muted-foreground text-xs">{formatPercent(count / total)}</span>
          </dd>
        </div>
      ))}
    </dl>
  )
}
