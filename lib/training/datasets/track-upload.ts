import type { IngestProgress } from '#lib/ingest/ingest.types.ts'
import type { Services } from '#lib/services.ts'

const writeEveryMilliseconds = 1000
const heartbeatMilliseconds = 10_000

/**
 * Writes an upload's progress to its row, at most once a second, and its heartbeat, so that other processes
 * can show it and know that somebody carries it.
 */
export function trackUpload({ db, log }: Pick<Services, 'db' | 'log'>, datasetId: string) {
  let latest: IngestProgress = { receivedBytes: 0, rowsRead: 0 }
  let writtenAt = Date.now()
  let writing = Promise.resolve()

  const write = () => {
    writtenAt = Date.now()
    writing = db.service
      .updateTable('dataset_uploads')
      .set({ received_bytes: latest.receivedBytes, rows_read: latest.rowsRead, heartbeat_at: new Date() })
      .where('dataset_id', '=', datasetId)
      .where('status', '=', 'receiving')
      .execute()
      .then(
        () => {},
        (error) => log.warn({ err: error, dataset: datasetId }, 'the progress of an upload was not written'),
      )
  }
  const heartbeat = setInterval(write, heartbeatMilliseconds)

  return {
    update(progress: IngestProgress) {
      latest = progress
      if (Date.now() - writtenAt >= writeEveryMilliseconds) write()
    },
    async stop() {
      clearInterval(heartbeat)
      await writing
    },
  }
}
