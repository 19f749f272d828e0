interface SparklineProps {
  values: readonly number[]
  /** What it shows, for those who do not see it. */
  label: string
  className?: string
}

const width = 96
const height = 24
const inset = 2

/** A curve as small as a word. A single value is a point; none leaves the place empty. */
export function Sparkline({ values, label, className }: SparklineProps) {
  const finite = values.filter(Number.isFinite)
  const last = finite.at(-1)
  if (last === undefined) return <span className={className} />
  const low = Math.min(...finite)
  const span = Math.max(...finite) - low || 1
  const x = (index: number) => inset + (index / Math.max(1, finite.length - 1)) * (width - 2 * inset)
  const y = (value: number) => height - inset - ((value - low) / span) * (height - 2 * inset)
  const path = finite.map(
    (value, index) => `${index ? 'L' : 'M'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`,
  )
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      className={className}
    >
      <path d={path.join('')} fill="none" stroke="var(--chart-1)" strokeWidth="1.5" strokeLinejoin="round" />
      <circle cx={x(finite.length - 1)} cy={y(last)} r="2" fill="var(--chart-1)" />
    </svg>
  )
}
