import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from './class-names.ts'

const tones = {
  info: { style: 'bg-muted', icon: Info, iconStyle: 'text-muted-foreground' },
  success: { style: 'bg-success-soft', icon: CircleCheck, iconStyle: 'text-success' },
  warning: { style: 'bg-warning-soft', icon: TriangleAlert, iconStyle: 'text-warning' },
  danger: { style: 'bg-danger-soft', icon: CircleAlert, iconStyle: 'text-danger' },
} as const

export interface AlertProps extends Omit<ComponentProps<'div'>, 'title'> {
  tone?: keyof typeof tones
  /** What happened. */
  title: ReactNode
  /** What to do. */
  children?: ReactNode
  action?: ReactNode
}

export function Alert({ tone = 'info', title, children, action, className, ...rest }: AlertProps) {
  const { style, icon: Icon, iconStyle } = tones[tone]
  return (
    <div
      role={tone === 'danger' ? 'alert' : 'note'}
      className={cn(
        'flex flex-wrap items-start gap-x-3 gap-y-2 rounded-md px-4 py-3 text-sm',
        style,
        className,
      )}
      {...rest}
    >
      <Icon className={cn('mt-0.5 size-4 shrink-0', iconStyle)} aria-hidden />
      <div className="grid min-w-0 flex-1 basis-48 gap-1">
        <p className="font-medium">{title}</p>
        {children ? <div className="min-w-0 break-words text-foreground">{children}</div> : null}
      </div>
      {action}
    </div>
  )
}
