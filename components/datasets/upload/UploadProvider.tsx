'use client'

import { useQueryClient } from '@tanstack/react-query'
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { toast } from 'sonner'
import { discardUpload, storeDuplicate } from './decide-upload.ts'
import { runUpload, type StopReason } from './run-upload.ts'
import { beginSending, isResumable, type UploadOrder, type UploadState } from './upload-state.ts'

interface UploadControl {
  state: UploadState
  start: (order: UploadOrder) => void
  cancel: () => void
  /** Stops sending; the server keeps what it has. */
  pause: () => void
  /** Gives up what was paused or turned out to be there already. */
  discard: () => void
  keepDuplicate: (duplicate: Extract<UploadState, { phase: 'duplicate' }>) => void
  /** Forgets the last result. */
  clear: () => void
}

const Upload = createContext<UploadControl | null>(null)

export function useUpload(): UploadControl {
  const control = useContext(Upload)
  if (!control) throw new Error('useUpload is used outside of UploadProvider')
  return control
}

/** Holds the one running upload, whatever page is shown. */
export function UploadProvider({ children }: { children: ReactNode }) {
  const [state, setState] = useState<UploadState>({ phase: 'idle' })
  const running = useRef<AbortController | null>(null)
  const queryClient = useQueryClient()

  const start = useCallback(
    (order: UploadOrder) => {
      running.current?.abort('pause' satisfies StopReason)
      const abort = new AbortController()
      running.current = abort
      const change = (next: UploadState | ((before: UploadState) => UploadState)) => {
        if (running.current === abort) setState(next)
      }
      change(beginSending(order, performance.now()))
      void runUpload(order, abort.signal, change).then((end) => {
        change(end)
        sayHowItEnded(end)
        void queryClient.invalidateQueries({ queryKey: ['datasets'] })
      })
    },
    [queryClient],
  )
  const cancel = useCallback(() => running.current?.abort('cancel' satisfies StopReason), [])
  const pause = useCallback(() => running.current?.abort('pause' satisfies StopReason), [])
  const discard = useCallback(() => {
    void discardUpload(state).finally(() => queryClient.invalidateQueries({ queryKey: ['datasets'] }))
    setState({ phase: 'idle' })
  }, [state, queryClient])
  const keepDuplicate = useCallback<UploadControl['keepDuplicate']>(
    ({ order, uploadId }) => {
      // A small file was sent in one go and is not kept: it is sent once more.
      if (uploadId === null) return start({ ...order, fields: { ...order.fields, on_duplicate: 'keep' } })
      const storing = beginSending(order, performance.now())
      setState({ ...storing, sentBytes: order.file.size, storingAgain: true })
      void storeDuplicate(order, uploadId).then((end) => {
        setState(end)
        sayHowItEnded(end)
        void queryClient.invalidateQueries({ queryKey: ['datasets'] })
      })
    },
    [queryClient, start],
  )
  const clear = useCallback(() => setState({ phase: 'idle' }), [])
  useWarningBeforeLeaving(state.phase === 'sending' && !isResumable(state.order))
  const control = useMemo(
    () => ({ state, start, cancel, pause, discard, keepDuplicate, clear }),
    [state, start, cancel, pause, discard, keepDuplicate, clear],
  )
  return <Upload value={control}>{children}</Upload>
}

const badEnds = {
  refused: 'The file was refused',
  failed: 'The upload failed',
  duplicate: 'The file is there already',
} as const

/** The panel says more than a toast, where it is in sight. */
function sayHowItEnded(end: UploadState): void {
  if (end.phase === 'done') toast.success('Dataset uploaded', { description: end.dataset.name })
  if (window.location.pathname === '/datasets') return
  if (end.phase === 'refused' || end.phase === 'failed' || end.phase === 'duplicate')
    toast.error(badEnds[end.phase], { description: end.order.fields.name || end.order.fileName })
}

/** The browser would end the upload with the page, so it asks first where that loses what was sent. */
function useWarningBeforeLeaving(active: boolean) {
  useEffect(() => {
    if (!active) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [active])
}
