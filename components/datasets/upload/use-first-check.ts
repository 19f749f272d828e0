'use client'

import { useEffect, useState } from 'react'
import { checkFile, type FileCheck } from '#lib/client/first-check/check-file.ts'
import type { DeclaredFormat } from '#lib/training/dataset.types.ts'

export type FirstCheck =
  | { state: 'none' }
  | { state: 'checking' }
  | { state: 'checked'; check: FileCheck }
  | { state: 'unable'; error: unknown }

export type TextSplit = 'line' | 'paragraph' | 'document'

/** Looks at the beginning of a chosen file, again whenever it would be read differently. */
export function useFirstCheck(
  file: File | null,
  format: DeclaredFormat,
  split: TextSplit | undefined,
  contextLength: number | undefined,
): FirstCheck {
  const [result, setResult] = useState<FirstCheck>({ state: 'none' })
  useEffect(() => {
    if (!file) return setResult({ state: 'none' })
    const abort = new AbortController()
    setResult({ state: 'checking' })
    checkFile(file, { declaredFormat: format, split, contextLength, signal: abort.signal }).then(
      (check) => !abort.signal.aborted && setResult({ state: 'checked', check }),
      (error) => !abort.signal.aborted && setResult({ state: 'unable', error }),
    )
    return () => abort.abort()
  }, [file, format, split, contextLength])
  return result
}
