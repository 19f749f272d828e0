/**
 * The rows of one upload that had problems, beyond the hundred problems that a report lists: JSON Lines, gzipped in
 * parts, in the database and for some days. Why there: docs/decisions/058-problem-rows.md.
 */
import { AppError } from '#lib/errors/app-error.ts'
import type { ProblemRowSink, ProblemRowTotals } from '#lib/ingest/report/problem-row-book.ts'
import type { Services } from '#lib/services.ts'
import { type ProblemRow, type ProblemsFile, problemRowsDays } from '#lib/training/dataset.types.ts'
import { PackedLines } from './packed-lines.ts'

/** Of each kind, with an error and with warnings only: the bound of one file, about 16 million characters. */
const roomOfKind = { rows: 10_000, characters: 8 << 20 }
const room = { errors: roomOfKind, warnings: roomOfKind }

/** Older files of the same owner make way. */
const filesOfOwnerMax = 20

/** Behind every part that an upload can have. */
const lastPart = 2 ** 31 - 1

export interface ProblemFileOptions {
  userId: string
  uploadId: string
  /** Of the part of the file that came before. */
  totals?: ProblemRowTotals | undefined
}

/**
 * What ingest tells of problem rows goes through one of these. Nothing is written before `finish`, or before `flush`, which
 * writes what came until `mark`.
 */
export class ProblemFile {
  readonly sink: ProblemRowSink = { room, onRows: (rows, totals) => this.#take(rows, totals) }
  readonly #db: Services['db']
  readonly #options: ProblemFileOptions
  readonly #lines = new PackedLines()
  #totals: ProblemRowTotals
  readonly #marked: { lines: PackedLines; totals: ProblemRowTotals }
  #isChanged = false

  constructor({ db }: Pick<Services, 'db'>, options: ProblemFileOptions) {
    this.#db = db
    this.#options = options
    this.#totals = options.totals ?? { kept: 0, leftOut: 0 }
    this.#marked = { lines: new PackedLines(), totals: this.#totals }
  }

  /** Forgets what was written behind a checkpoint that an upload goes back to. */
  async goBackTo(part: number): Promise<void> {
    await this.#db.service
      .deleteFrom('dataset_problem_rows')
      .where('upload_id', '=', this.#options.uploadId)
      .where('part', '>', part)
      .execute()
  }

  /** What came so far lies before the place in the file that ingest is at. */
  mark(): void {
    this.#marked.lines.take(this.#lines)
    this.#marked.totals = this.#totals
  }

  /** Writes what came before the mark; `part` grows with its place in the file. */
  async flush(part: number): Promise<void> {
    if (!this.#marked.lines.isEmpty) await this.#writeMarked(part)
  }

  /** Null when no row had a problem. */
  async finish(): Promise<ProblemsFile | null> {
    this.mark()
    if (this.#isChanged) await this.#writeMarked(lastPart)
    const { uploadId, userId } = this.#options
    const file = await problemsFileOf({ db: this.#db }, uploadId)
    if (file !== null) await makeWay(this.#db, userId)
    return file
  }

  /** A refusal that says where the rows are. */
  async finishRefused(refusal: AppError): Promise<AppError> {
    const problems_file = await this.finish()
    if (problems_file === null) return refusal
    const { kind, code, message, details, cause, data } = refusal
    return new AppError(kind, { code, message, details, cause, data: { ...data, problems_file } })
  }

  #take(rows: ProblemRow[], totals: ProblemRowTotals): void {
    for (const row of rows) this.#lines.add(`${JSON.stringify(row)}\n`)
    this.#totals = totals
    this.#isChanged = true
  }

  async #writeMarked(part: number): Promise<void> {
    const { uploadId, userId } = this.#options
    const { totals } = this.#marked
    const lines = this.#marked.lines.takeBytes()
    this.#isChanged = totals !== this.#totals
    const values = {
      lines: await lines,
      rows_kept: totals.kept,
      rows_left_out: totals.leftOut,
      expires_at: new Date(Date.now() + problemRowsDays * 24 * 3600 * 1000),
    }
    await this.#db.service
      .insertInto('dataset_problem_rows')
      .values({ upload_id: uploadId, user_id: userId, part, ...values })
      .onConflict((conflict) => conflict.columns(['upload_id', 'part']).doUpdateSet(values))
      .execute()
  }
}

/** What there is of an upload's rows; null when there is nothing. */
export async function problemsFileOf(
  { db }: Pick<Services, 'db'>,
  uploadId: string,
): Promise<ProblemsFile | null> {
  const last = await db.service
    .selectFrom('dataset_problem_rows')
    .select(['rows_kept', 'rows_left_out', 'expires_at'])
    .where('upload_id', '=', uploadId)
    .orderBy('part', 'desc')
    .executeTakeFirst()
  if (!last) return null
  return {
    url: `/api/training/problems/${uploadId}`,
    rows: last.rows_kept,
    rows_left_out: last.rows_left_out,
    expires_at: last.expires_at.toISOString(),
  }
}

export async function deleteProblemFile({ db }: Pick<Services, 'db'>, uploadId: string): Promise<void> {
  await db.service.deleteFrom('dataset_problem_rows').where('upload_id', '=', uploadId).execute()
}

export async function sweepProblemFiles({ db }: Pick<Services, 'db'>): Promise<void> {
  await db.service.deleteFrom('dataset_problem_rows').where('expires_at', '<', new Date()).execute()
}

async function makeWay(db: Services['db'], userId: string): Promise<void> {
  const uploads = await db.service
    .selectFrom('dataset_problem_rows')
    .select('upload_id')
    .where('user_id', '=', userId)
    .groupBy('upload_id')
    .orderBy((eb) => eb.fn.max('created_at'), 'desc')
    .offset(filesOfOwnerMax)
    .execute()
  if (uploads.length === 0) return
  const ids = uploads.map(({ upload_id }) => upload_id)
  await db.service.deleteFrom('dataset_problem_rows').where('upload_id', 'in', ids).execute()
}
