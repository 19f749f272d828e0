import { CircleCheck, CircleMinus, CircleX, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { cn } from '#components/ui/class-names.ts'
import { CodeBlock } from '#components/ui/code-block.tsx'
import { formatPlural } from '#lib/display/number-format.ts'
import type { SecretTest } from '#lib/secrets/secret.types.ts'

type Step = SecretTest['steps'][number]

const looks = {
  pass: { icon: CircleCheck, style: 'text-success', word: 'Passed' },
  fail: { icon: CircleX, style: 'text-danger', word: 'Failed' },
  skipped: { icon: CircleMinus, style: 'text-muted-foreground', word: 'Not tried' },
} as const satisfies Record<Step['status'], { icon: LucideIcon; style: string; word: string }>

/** What a connection test found: a line a step, what to do about those that failed, and texts to copy. */
export function TestReport({ report: { steps, advice } }: { report: SecretTest }) {
  const failed = steps.filter(({ status }) => status === 'fail').length
  const skipped = steps.filter(({ status }) => status === 'skipped')
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <p className="font-medium">
        {failed === 0
          ? `All ${formatPlural(steps.length, 'step')} passed.`
          : `${failed} of ${formatPlural(steps.length, 'step')} failed.`}
      </p>
      <ol className="divide-y rounded-md border">
        {steps.map(({ id, label, status, meaning, fix }) =>
          status === 'skipped' ? null : (
            <StepLine key={id} status={status} label={label}>
              <span className={status === 'fail' ? '' : 'text-muted-foreground'}>{meaning}</span>
              {fix ? (
                <span>
                  <span className="font-medium">What to do: </span>
                  {fix}
                </span>
              ) : null}
            </StepLine>
          ),
        )}
        {skipped.length > 0 ? (
          <StepLine status="skipped" label={`${formatPlural(skipped.length, 'step')} not tried`}>
            <span className="text-muted-foreground">
              Each builds on one that did not pass: {skipped.map(({ label }) => label).join(', ')}.
            </span>
          </StepLine>
        ) : null}
      </ol>
      {advice.length > 0 ? <Advice advice={advice} /> : null}
    </div>
  )
}

function StepLine({
  status,
  label,
  children,
}: {
  status: Step['status']
  label: string
  children: ReactNode
}) {
  const { icon: Icon, style, word } = looks[status]
  return (
    <li className={cn('flex gap-3 px-3 py-2', status === 'fail' && 'bg-danger-soft')}>
      <Icon aria-hidden className={cn('mt-0.5 size-4 shrink-0', style)} />
      <div className="grid min-w-0 flex-1 gap-x-4 sm:grid-cols-[14rem_minmax(0,1fr)]">
        <span className="font-medium">
          {status === 'skipped' ? null : <span className="sr-only">{word}: </span>}
          {label}
        </span>
        <span className="grid min-w-0 gap-1 break-words">{children}</span>
      </div>
    </li>
  )
}

function Advice({ advice }: { advice: SecretTest['advice'] }) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <p className="font-medium">To copy</p>
      {advice.map(({ id, title, text }) => (
        <details key={id} className="rounded-md border">
          <summary className="cursor-pointer px-3 py-2 hover:bg-hover">{title}</summary>
          <CodeBlock className="rounded-t-none border-0 border-t" what={title} code={text} />
        </details>
      ))}
    </div>
  )
}
