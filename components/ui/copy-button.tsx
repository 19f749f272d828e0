'use client'

import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { Button, type ButtonProps } from './button.tsx'
import { copyText } from './copy-text.ts'

export interface CopyButtonProps extends Omit<ButtonProps, 'value'> {
  value: string
  /** What is copied, such as "SHA-256"; becomes "Copy SHA-256". */
  what: string
}

export function CopyButton({ value, what, children, ...rest }: CopyButtonProps) {
  const [copied, setCopied] = useState(false)
  async function copy() {
    if (!(await copyText(value))) return
    setCopied(true)
    setTimeout(() => setCopied(false), 1500)
  }
  return (
    <Button
      variant="ghost"
      size={children ? 'sm' : 'icon-sm'}
      {...rest}
      aria-label={`Copy ${what}`}
      onClick={copy}
    >
      {copied ? <Check className="text-success" aria-hidden /> : <Copy aria-hidden />}
      {children}
      <span role="status" className="sr-only">
        {copied ? 'Copied' : ''}
      </span>
    </Button>
  )
}
