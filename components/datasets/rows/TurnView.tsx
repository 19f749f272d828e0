import { Bot, Image, type LucideIcon, MessageSquareText, User, Wrench } from 'lucide-react'
import { cn } from '#components/ui/class-names.ts'
import type { JsonValue } from '#lib/training/dataset.types.ts'
import { LongText } from './LongText.tsx'
import { denseCharacters, isObject, type Turn } from './row-parts.ts'

const roleIcons: Record<string, LucideIcon> = {
  user: User,
  assistant: Bot,
  tool: Wrench,
  system: MessageSquareText,
}

export function TurnView({ turn, dense }: { turn: Turn; dense: boolean | undefined }) {
  const Icon = roleIcons[turn.role] ?? MessageSquareText
  return (
    <div className={cn('grid min-w-0', dense ? 'text-xs' : 'gap-1 sm:grid-cols-[7rem_minmax(0,1fr)]')}>
      <p className="flex items-center gap-1.5 self-start text-muted-foreground text-xs leading-5">
        <Icon className="size-3.5 shrink-0" aria-hidden />
        <span className="truncate">{turn.role}</span>
      </p>
      <div className="grid min-w-0 gap-2">
        <Content content={turn.content} dense={dense} />
        {turn.toolCalls === null ? null : (
          <pre
            className={cn(
              'whitespace-pre-wrap wrap-anywhere rounded-md bg-muted p-2 font-mono text-xs leading-5',
              dense && 'line-clamp-2',
            )}
          >
            <LongText text={JSON.stringify(turn.toolCalls, null, 2)} />
          </pre>
        )}
      </div>
    </div>
  )
}

/** A string, nothing, or parts of several kinds. Pictures are named, not fetched from elsewhere. */
function Content({ content, dense }: { content: JsonValue; dense: boolean | undefined }) {
  if (content === null || content === '') return null
  if (typeof content === 'string') {
    return (
      <p dir="auto" className={cn('whitespace-pre-wrap wrap-anywhere', dense && 'line-clamp-3')}>
        {dense ? content.slice(0, denseCharacters) : <LongText text={content} />}
      </p>
    )
  }
  const pieces = Array.isArray(content) ? content : [content]
  return pieces.map((piece, at) => {
    const text = isObject(piece) ? (piece.text ?? piece.value) : piece
    // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one turn never move
    if (typeof text === 'string') return <Content key={at} content={text} dense={dense} />
    const type = isObject(piece) && typeof piece.type === 'string' ? piece.type : 'part'
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one turn never move
      <p key={at} className="flex min-w-0 items-center gap-2 text-muted-foreground text-xs">
        <Image className="size-3.5 shrink-0" aria-hidden />
        <span className="truncate font-mono">
          {type} {JSON.stringify(piece).slice(0, denseCharacters)}
        </span>
      </p>
    )
  })
}
