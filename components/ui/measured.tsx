import { formatBytes, formatCompact, formatCount } from '#lib/display/number-format.ts'

/** "1.24 GB"; the exact bytes on hover. */
export function Bytes({ value }: { value: number | null }) {
  if (value === null) return <Unknown />
  return <span title={`${formatCount(value)} bytes`}>{formatBytes(value)}</span>
}

/** "152,985", or "153K" when compact; the exact number on hover. */
export function Count({ value, compact }: { value: number | null; compact?: boolean }) {
  if (value === null) return <Unknown />
  if (!compact) return <span>{formatCount(value)}</span>
  return <span title={formatCount(value)}>{formatCompact(value)}</span>
}

export function Unknown() {
  return (
    <span className="text-muted-foreground">
      <span aria-hidden>–</span>
      <span className="sr-only">unknown</span>
    </span>
  )
}
