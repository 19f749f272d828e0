import { ChevronRight } from 'lucide-react'
import { Badge, type BadgeTone } from '#components/ui/badge.tsx'
import { CodeBlock } from '#components/ui/code-block.tsx'
import type { ApiOperation } from '#lib/client/openapi.ts'
import { curlOf } from './curl-of.ts'
import { SchemaTable } from './SchemaTable.tsx'
import { schemaLines, typeWords } from './schema-lines.ts'

const methodTones: Record<string, BadgeTone> = { GET: 'neutral', DELETE: 'danger' }

function accessWords({ security }: ApiOperation): string {
  if (security.length === 0) return 'Open to anybody'
  return security.some((scheme) => 'jobToken' in scheme) ? "The job's own token" : 'API token or session'
}

export function OperationCard(props: {
  serverUrl: string
  method: string
  path: string
  operation: ApiOperation
}) {
  const { serverUrl, method, path, operation } = props
  const body = Object.values(operation.requestBody?.content ?? {})[0]?.schema
  const [status, answer] = Object.entries(operation.responses).find(([code]) => code !== 'default') ?? []
  const answerSchema = Object.values(answer?.content ?? {})[0]?.schema
  const parameters = operation.parameters.map(({ name, required, schema }) => ({
    depth: 0,
    name,
    type: typeWords(schema),
    required,
    description: schema.description ?? null,
  }))
  return (
    <details id={operation.operationId} className="group scroll-mt-16 rounded-md border bg-card">
      <summary className="flex cursor-pointer list-none flex-wrap items-center gap-x-3 gap-y-1 rounded-md px-4 py-3 hover:bg-hover [&::-webkit-details-marker]:hidden">
        <ChevronRight
          className="size-4 text-muted-foreground transition-transform group-open:rotate-90"
          aria-hidden="true"
        />
        <Badge tone={methodTones[method] ?? 'accent'} className="w-14 justify-center font-mono">
          {method}
        </Badge>
        <span className="break-all font-mono text-sm">{path}</span>
        <span className="w-full pl-7 text-muted-foreground text-sm">{operation.summary}</span>
      </summary>
      <div className="grid gap-4 border-t p-4">
        <p className="text-muted-foreground text-xs">
          {accessWords(operation)}. Answers {status}.
        </p>
        <CodeBlock
          code={curlOf(serverUrl, method, path, operation)}
          what={`${operation.operationId} as curl`}
        />
        <SchemaTable title="Parameters" lines={parameters} />
        {body ? <SchemaTable title="Body" lines={schemaLines(body)} /> : null}
        {answerSchema ? <SchemaTable title="Answer" lines={schemaLines(answerSchema)} /> : null}
      </div>
    </details>
  )
}
