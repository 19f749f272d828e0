import { sql, type UpdateObject } from 'kysely'
import type { DatabaseSchema } from '#lib/db/schema.ts'
import { AppError, conflict } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { writerBeatSeconds, writerSilenceSeconds } from './session-row.ts'

type Changes = UpdateObject<DatabaseSchema, 'dataset_upload_sessions'>

/** The right to write to one session. Every change names the writer, so that one who lost the turn changes nothing. */
export interface WriterTurn {
  save(changes: Changes): Promise<void>
  end(): Promise<void>
}

/**
 * Takes the turn, or rejects with `upload_busy` while another writer has it. A writer whose process died is
 * passed over: at once where no other process shares the database, after some silence elsewhere.
 */
export async function takeWriterTurn(
  { db, processId, log }: Pick<Services, 'db' | 'processId' | 'log'>,
  sessionId: string,
): Promise<WriterTurn> {
  const writer = crypto.randomUUID()
  const now = sql<Date>`now()`
  const silent = sql<Date>`now() - make_interval(secs => ${writerSilenceSeconds})`
  const taken = await db.service
    .updateTable('dataset_upload_sessions')
    .set({ writer_id: writer, writer_process_id: processId, writer_seen_at: now })
    .where('id', '=', sessionId)
    .where((eb) =>
      eb.or([
        eb('writer_id', 'is', null),
        eb('writer_seen_at', '<', silent),
        ...(db.kind === 'embedded' ? [eb('writer_process_id', '!=', processId)] : []),
      ]),
    )
    .returning('id')
    .executeTakeFirst()
  if (!taken) throw busy()

  const save = async (changes: Changes) => {
    const saved = await db.service
      .updateTable('dataset_upload_sessions')
      .set({ ...changes, writer_seen_at: now, updated_at: now })
      .where('id', '=', sessionId)
      .where('writer_id', '=', writer)
      .returning('id')
      .executeTakeFirst()
    if (!saved) throw conflict('upload_taken_over', 'Somebody else goes on with this upload, or cancelled it')
  }
  const beat = setInterval(() => {
    save({}).catch((error) =>
      log.warn({ err: error, upload: sessionId }, 'an upload did not say that it lives'),
    )
  }, writerBeatSeconds * 1000)

  return {
    save,
    async end() {
      clearInterval(beat)
      await db.service
        .updateTable('dataset_upload_sessions')
        .set({ writer_id: null, writer_process_id: null, writer_seen_at: null })
        .where('id', '=', sessionId)
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
