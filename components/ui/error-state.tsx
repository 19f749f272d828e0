'use client'

import { RotateCw } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { isApiError } from '#lib/client/api-error.ts'
import { Alert } from './alert.tsx'
import { Button } from './button.tsx'

export interface ErrorStateProps {
  error: unknown
  retry?: (() => void) | undefined
  /** What was being done, such as "The datasets could not be loaded". */
  title?: string
  action?: ReactNode
  className?: string
}

/** What happened, what to do, a way to try again and the id to report it with. */
export function ErrorState({ error, retry, title, action, className }: ErrorStateProps) {
  const api = isApiError(error) ? error : null
  const message = error instanceof Error ? error.message : 'Something went wrong'
  return (
    <Alert
      tone="danger"
      title={title ?? message}
      {...(className ? { className } : {})}
      action={
        action ??
        (retry ? (
          <Button size="sm" onClick={retry}>
            <RotateCw aria-hidden />
            Try again
          </Button>
        ) : undefined)
      }
    >
      {title ? <p>{message}</p> : null}
      {linesOf(api?.details).map((line) => (
        <p key={line}>{withLink(line)}</p>
      ))}
      {api?.requestId ? (
        <p className="font-mono text-muted-foreground text-xs">Request {api.requestId}</p>
      ) : null}
    </Alert>
  )
}

const pageInWords = /(Settings > \w+) \((\/settings\/[\w#]+)\)/

/** A page that a sentence names, as programs need it, is a link on the screen. */
function withLink(line: string): ReactNode {
  const found = pageInWords.exec(line)
  if (!found) return line
  const [whole, words = '', href = ''] = found
  return (
    <>
      {line.slice(0, found.index)}
      <Link href={href} className="underline underline-offset-2">
        {words}
      </Link>
      {line.slice(found.index + whole.length)}
    </>
  )
}

/** Details are a sentence, or a list of fields with what is wrong about each. */
function linesOf(details: unknown): string[] {
  if (typeof details === 'string') return [details]
  if (!Array.isArray(details)) return []
  return details.flatMap((one) =>
    typeof one?.message === 'string' ? [one.field ? `${one.field}: ${one.message}` : one.message] : [],
  )
}
