import { cn } from '#components/ui/class-names.ts'
import type { JsonValue } from '#lib/training/dataset.types.ts'
import { LongText } from './LongText.tsx'
import { denseCharacters, partsOf, type RowPart } from './row-parts.ts'
import { TurnView } from './TurnView.tsx'

/** A row as a person reads it: who said what. `dense` cuts long texts for previews. */
export function RowView({ row, dense }: { row: JsonValue; dense?: boolean }) {
  const parts = partsOf(row)
  const facts = parts.filter((part) => part.kind === 'fact')
  return (
    <div className={cn('grid min-w-0', dense ? 'gap-2' : 'gap-4')}>
      {parts.map((part, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one row never move
        <PartView key={at} part={part} dense={dense} />
      ))}
      {facts.length > 0 ? (
        <dl className="flex flex-wrap gap-x-6 gap-y-1 text-xs">
          {facts.map(({ title, value }) => (
            <div key={title} className="flex min-w-0 gap-2">
              <dt className="text-muted-foreground">{title}</dt>
              <dd className="min-w-0 wrap-anywhere font-mono">{value}</dd>
            </div>
          ))}
        </dl>
      ) : null}
    </div>
  )
}

const edge = { chosen: 'border-l-2 border-l-success pl-3', rejected: 'border-l-2 border-l-danger pl-3' }

function PartView({ part, dense }: { part: RowPart; dense: boolean | undefined }) {
  if (part.kind === 'fact') return null
  if (part.kind === 'text') {
    return (
      <p dir="auto" className={cn('whitespace-pre-wrap wrap-anywhere', dense && 'line-clamp-4 text-xs')}>
        {dense ? part.text.slice(0, denseCharacters) : <LongText text={part.text} />}
      </p>
    )
  }
  if (part.kind === 'json') {
    return (
      <div className="grid min-w-0 gap-1">
        {part.title ? <PartTitle>{part.title}</PartTitle> : null}
        <pre
          className={cn(
            'whitespace-pre-wrap wrap-anywhere font-mono text-xs leading-5',
            dense && 'line-clamp-6',
          )}
        >
          {dense ? (
            JSON.stringify(part.value, null, 2).slice(0, denseCharacters)
          ) : (
            <LongText text={JSON.stringify(part.value, null, 2)} />
          )}
        </pre>
      </div>
    )
  }
  return (
    <div className={cn('grid min-w-0', dense ? 'gap-1.5' : 'gap-3', part.tone && edge[part.tone])}>
      {part.title ? <PartTitle>{part.title}</PartTitle> : null}
      {part.turns.map((turn, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the turns of one row never move
        <TurnView key={at} turn={turn} dense={dense} />
      ))}
    </div>
  )
}

function PartTitle({ children }: { children: string }) {
  return <p className="font-medium text-xs">{children}</p>
}
