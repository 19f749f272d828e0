'use client'

import { useState } from 'react'
import { Field } from '#components/ui/field.tsx'
import { NativeSelect } from '#components/ui/native-select.tsx'
import { formatCompact, formatCount, formatPercent, formatPlural } from '#components/ui/number-format.ts'
import { type Bar, barsOf, countAbove, type Histogram } from './histogram-bars.ts'

const contexts = [512, 1024, 2048, 4096, 8192, 16_384, 32_768, 131_072]
const usualContext = 2048
/** English prose, with the vocabularies of today. Code and other scripts have fewer. */
const charactersPerToken = 4

interface LengthHistogramProps {
  histogram: Histogram
  unit: 'characters' | 'tokens'
}

/** Row lengths, and how many do not fit into the context that somebody wants to train with. */
export function LengthHistogram({ histogram, unit }: LengthHistogramProps) {
  const [context, setContext] = useState(usualContext)
  const limit = unit === 'tokens' ? context : context * charactersPerToken
  const bars = barsOf(histogram)
  const total = histogram.counts.reduce((sum, count) => sum + count, 0)
  const above = countAbove(histogram, limit)
  const about = unit === 'tokens' ? '' : 'about '
  return (
    <div className="grid gap-4">
      <Bars bars={bars} total={total} limit={limit} unit={unit} />
      <div className="flex flex-wrap items-end gap-x-6 gap-y-3">
        <Field label="Context length" className="w-40">
          {(control) => (
            <NativeSelect
              {...control}
              value={context}
              onChange={({ target }) => setContext(Number(target.value))}
            >
              {contexts.map((tokens) => (
                <option key={tokens} value={tokens}>
                  {formatCount(tokens)} tokens
                </option>
              ))}
            </NativeSelect>
          )}
        </Field>
        <p role="status" className="min-w-0 flex-1 basis-64">
          {above === 0
            ? `Every row is ${about}as long as that or shorter.`
            : `${formatPlural(above, 'row')} (${formatPercent(above / total)}) may be ${about}longer.`}
          {unit === 'characters' ? (
            <span className="block text-muted-foreground text-xs">
              Counted in characters; {charactersPerToken} make a token in English prose.
            </span>
          ) : null}
        </p>
      </div>
    </div>
  )
}

interface BarsProps {
  bars: readonly Bar[]
  total: number
  limit: number
  unit: string
}

function Bars({ bars, total, limit, unit }: BarsProps) {
  const most = Math.max(1, ...bars.map(({ count }) => count))
  return (
    <ol className="flex items-end gap-1 overflow-x-auto" aria-label={`Rows by length in ${unit}`}>
      {bars.map(({ from, to, count }) => {
        const beyond = from >= limit
        const words = to === null ? `over ${formatCount(from)}` : `${formatCount(from)} to ${formatCount(to)}`
        return (
          <li key={from} className="grid min-w-7 flex-1 gap-1 text-center" title={`${words} ${unit}`}>
            <span className="sr-only">
              {words} {unit}: {formatPlural(count, 'row')}, {formatPercent(count / total)}
              {beyond ? ', longer than the context' : ''}
            </span>
            <span aria-hidden className="text-muted-foreground text-xs">
              {count === 0 ? '' : formatCompact(count)}
            </span>
            <span aria-hidden className="flex h-36 items-end border-b">
              <span
                className={beyond ? 'w-full bg-warning' : 'w-full bg-chart-1'}
                style={{ height: count === 0 ? 0 : `max(2px, ${(100 * count) / most}%)` }}
              />
            </span>
            <span aria-hidden className="truncate text-muted-foreground text-xs">
              {to === null ? `${formatCompact(from)}+` : formatCompact(to)}
            </span>
          </li>
        )
      })}
    </ol>
  )
}
