import { sql, type UpdateObject } from 'kysely'
import type { DatabaseSchema } from '#lib/db/schema.ts'
import { AppError, conflict } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'

/** A writer says this often that it is alive ... */
export const writerBeatSeconds = 5
/** ... and has lost its turn when nothing was heard of it for so long. */
export const writerSilenceSeconds = 20

/** Tables whose rows are written to by one sender at a time. */
type WrittenTable = 'dataset_upload_sessions' | 'training_job_artifacts'

/** The right to write to one row. Every change names the writer, so that one who lost the turn changes nothing. */
export interface WriterTurn<Table extends WrittenTable> {
  readonly writer: string
  save(changes: UpdateObject<DatabaseSchema, Table>): Promise<void>
  end(): Promise<void>
}

/** SQL for "nothing was heard of the writer for too long". */
export const writerSilent = sql<Date>`now() - make_interval(secs => ${writerSilenceSeconds})`

/**
 * Takes the turn at a row, or rejects with `upload_busy` while another writer has it. A writer whose process died is
 * passed over: at once where no other process shares the database, after some silence elsewhere.
 */
export async function takeWriterTurn<Table extends WrittenTable>(
  { db, processId, log }: Pick<Services, 'db' | 'processId' | 'log'>,
  table: Table,
  rowId: string,
): Promise<WriterTurn<Table>> {
  const writer = crypto.randomUUID()
  const now = sql<Date>`now()`
  // The tables share the columns of a turn, which is more than the types can say.
  const rows = () => db.service.updateTable(table as 'dataset_upload_sessions').where('id', '=', rowId)
  const taken = await rows()
    .set({ writer_id: writer, writer_process_id: processId, writer_seen_at: now })
    .where((eb) =>
      eb.or([
        eb('writer_id', 'is', null),
        eb('writer_seen_at', '<', writerSilent),
        ...(db.kind === 'embedded' ? [eb('writer_process_id', '!=', processId)] : []),
      ]),
    )
    .returning('id')
    .executeTakeFirst()
  if (!taken) throw busy()

  const save = async (changes: object) => {
    const saved = await rows()
      .set({ ...changes, writer_seen_at: now, updated_at: now })
      .where('writer_id', '=', writer)
      .returning('id')
      .executeTakeFirst()
    if (!saved) throw conflict('upload_taken_over', 'Somebody else goes on with this upload, or cancelled it')
  }
  const beat = setInterval(() => {
    save({}).catch((error) => log.warn({ err: error, [table]: rowId }, 'an upload did not say that it lives'))
  }, writerBeatSeconds * 1000)

  return {
    writer,
    save,
    async end() {
      clearInterval(beat)
      await rows()
        .set({ writer_id: null, writer_process_id: null, writer_seen_at: null })
        .where('writer_id', '=', writer)
        .execute()
    },
  }
}

function busy(): AppError {
  return new AppError('conflict', {
    code: 'upload_busy',
    message: 'Somebody is sending this file at the moment',
    details: `Another tab or machine does. If it does no more, try again in ${writerSilenceSeconds} s.`,
    retryAfterSeconds: writerBeatSeconds,
  })
}
