'use client'

import { useState } from 'react'
import { Field } from '#components/ui/field.tsx'
import { NativeSelect } from '#components/ui/native-select.tsx'
import { formatCompact, formatCount, formatPercent, formatPlural } from '#lib/display/number-format.ts'
import type { DatasetStatistics } from '#lib/training/dataset.types.ts'
import { type Bar, barsOf, charactersPerToken, inTokens, rowsOver } from './histogram-bars.ts'

const contexts = [512, 1024, 2048, 4096, 8192, 16_384, 32_768, 131_072]
const usualContext = 2048

/** Row lengths, and how many do not fit into the context that somebody wants to train with. */
export function LengthHistogram({ statistics }: { statistics: DatasetStatistics }) {
  const [context, setContext] = useState(statistics.tokens?.context_length ?? usualContext)
  const { rows, tokens } = statistics
  const offered = tokens ? tokens.rows_over.map((one) => one.context) : contexts
  const bars = barsOf(inTokens(statistics))
  const above = rowsOver(statistics, context)
  return (
    <div className="grid min-w-0 gap-4">
      <Bars bars={bars} total={rows} context={context} />
      <div className="flex flex-wrap items-end gap-x-6 gap-y-3">
        <Field label="Context length" className="w-40">
          {(control) => (
            <NativeSelect
              {...control}
              value={context}
              onChange={({ target }) => setContext(Number(target.value))}
            >
              {offered.map((length) => (
                <option key={length} value={length}>
                  {formatCount(length)} tokens
                </option>
              ))}
            </NativeSelect>
          )}
        </Field>
        <p role="status" className="min-w-0 flex-1 basis-64">
          {above === 0
            ? 'Every row fits into it.'
            : `About ${formatPlural(above, 'row does', 'rows do')} not fit into it (${formatPercent(above / rows)}).`}
          <span className="block text-muted-foreground text-xs">
            Lengths are counted in characters; {charactersPerToken(statistics).toFixed(1)} make a token
            {tokens ? ' in this dataset.' : ' in English prose.'}
          </span>
        </p>
      </div>
    </div>
  )
}

function Bars({ bars, total, context }: { bars: readonly Bar[]; total: number; context: number }) {
  const most = Math.max(1, ...bars.map(({ count }) => count))
  return (
    <ol className="flex items-end gap-1 overflow-x-auto" aria-label="Rows by length in tokens">
      {bars.map(({ from, to, count }) => {
        const beyond = from >= context
        const words = to === null ? `over ${formatCount(from)}` : `${formatCount(from)} to ${formatCount(to)}`
        return (
          <li
            key={from}
            className="grid min-w-7 max-w-20 flex-1 gap-1 text-center"
            title={`${words} tokens: ${formatPlural(count, 'row')}`}
          >
            <span className="sr-only">
              {words} tokens: {formatPlural(count, 'row')}, {formatPercent(count / total)}
              {beyond ? ', longer than the context' : ''}
            </span>
            <span aria-hidden className="h-4 text-muted-foreground text-xs">
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
