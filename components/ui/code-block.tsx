import { cn } from './class-names.ts'
import { CopyButton } from './copy-button.tsx'

/** Code to take away. Scrolls sideways by itself, and takes focus so that the keyboard can scroll it. */
export function CodeBlock({ code, what, className }: { code: string; what: string; className?: string }) {
  return (
    <div className={cn('relative rounded-md border bg-muted', className)}>
      <section
        aria-label={what}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable
        tabIndex={0}
        className="overflow-x-auto rounded-md p-4 pr-12"
      >
        <pre className="font-mono text-xs leading-5">{code}</pre>
      </section>
      <CopyButton value={code} what={what} className="absolute top-2 right-2" />
    </div>
  )
}
