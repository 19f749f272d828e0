import { hashToken, makeToken } from '#lib/auth/tokens/token-secret.ts'
import type { Database } from '#lib/db/database.ts'

export interface RunningJob {
  id: string
  /** What its runner holds. */
  token: string
}

interface JobOf {
  /** An account's id. */
  owner: string
  datasets?: unknown[]
  config?: Record<string, unknown>
}

/** A job that runs in somebody's notebook, as far as the database knows: no provider is asked after it. */
export async function addRunningJob(
  db: Database,
  { owner, datasets = [], config }: JobOf,
): Promise<RunningJob> {
  const id = crypto.randomUUID()
  const token = makeToken('job')
  const now = new Date().toISOString()
  const plain = {
    id: crypto.randomUUID(),
    user_id: owner,
    name: 'A training of the tests',
    description: null,
    provider: 'colab',
    base_model: 'Qwen/Qwen2.5-0.5B',
    method: 'sft',
    trainer: 'smoke',
    hyperparameters: {},
    datasets: [],
    created_at: now,
    updated_at: now,
  }
  await db.service
    .insertInto('training_jobs')
    .values({
      id,
      user_id: owner,
      name: plain.name,
      provider: 'colab',
      provider_ref: `notebook:${id}`,
      status: 'running',
      started_at: new Date(),
      config: JSON.stringify({ ...plain, ...config }),
      datasets: JSON.stringify(datasets),
      token_hash: hashToken(token),
    })
    .execute()
  return { id, token }
}
