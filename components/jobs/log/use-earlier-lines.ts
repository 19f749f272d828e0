import { useEffect, useState } from 'react'
import { toast } from 'sonner'
import type { LiveFeed } from '../feed/use-job-feed.ts'

export interface EarlierLines {
  /** There are some that are not in the page. */
  exist: boolean
  loading: boolean
  loadPage: () => void
  /** All of them are being fetched, since something is looked for that may be anywhere. */
  loadingAll: boolean
  setLoadingAll: (on: boolean) => void
}

/** A long log is in the page from its end on; what lies before is fetched page by page, or to the first line. */
export function useEarlierLines(
  { feed, olderLogs, loadingOlder }: LiveFeed,
  filtering: boolean,
): EarlierLines {
  const [all, setAll] = useState(false)
  const loadingAll = all && filtering && olderLogs
  useEffect(() => {
    if (!filtering) setAll(false)
  }, [filtering])
  useEffect(() => {
    if (!loadingAll) return
    const stop = new AbortController()
    feed.loadAllOlder(stop.signal).catch((error: Error) => {
      setAll(false)
      tell(error)
    })
    return () => stop.abort()
  }, [feed, loadingAll])
  return {
    exist: olderLogs,
    loading: loadingOlder,
    loadPage: () => void feed.loadOlder().catch(tell),
    loadingAll,
    setLoadingAll: setAll,
  }
}

function tell({ message }: Error) {
  toast.error('Earlier lines could not be read', { id: 'earlier-lines', description: message })
}
