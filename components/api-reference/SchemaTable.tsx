import type { SchemaLine } from './schema-lines.ts'

/** Fields with their types; nested ones are indented. */
export function SchemaTable({ title, lines }: { title: string; lines: SchemaLine[] }) {
  if (lines.length === 0) return null
  return (
    <div className="grid gap-2">
      <h4 className="text-muted-foreground text-xs">{title}</h4>
      <dl className="divide-y rounded-md border">
        {lines.map((line, index) => (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: names repeat at different depths, and the list never changes
            key={index}
            className="grid gap-x-4 gap-y-0.5 px-3 py-1.5 sm:grid-cols-[minmax(0,16rem)_minmax(0,1fr)]"
          >
            <dt className="break-all font-mono text-xs leading-5" style={{ paddingLeft: `${line.depth}rem` }}>
              {line.name}
              {line.required ? <span className="text-muted-foreground"> required</span> : null}
            </dt>
            <dd className="text-muted-foreground text-xs leading-5">
              {line.type}
              {line.description ? <span className="block">{line.description}</span> : null}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
