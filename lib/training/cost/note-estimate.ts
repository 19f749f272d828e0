import { sql } from 'kysely'
import type { Services } from '#lib/services.ts'
import type { Job } from '#lib/training/job.types.ts'
import { estimateTraining } from './estimate-training.ts'

/**
 * Writes down what a job that was just launched was reckoned to cost at most, so that its page can hold it against what it
 * did cost. Nothing waits for it, and nothing depends on it.
 */
export async function noteEstimate(
  services: Pick<Services, 'db' | 'launchers' | 'log'>,
  job: Job,
): Promise<void> {
  const { base_model, method, trainer, hyperparameters } = job.config
  const { gpu_type, instance_type, flavor, gpu_count, use_spot_instances } = job.options
  // Of several candidates the first is what was wished for.
  const [machine] = [gpu_type ?? instance_type ?? flavor].flat()
  try {
    const { usd } = await estimateTraining(
      services,
      { id: job.user_id, email: '', name: '' },
      {
        provider: job.provider,
        base_model,
        method,
        trainer,
        hyperparameters,
        datasets: job.datasets.flatMap(({ dataset_id, weight }) =>
          dataset_id ? [{ dataset_id, weight }] : [],
        ),
        ...(typeof machine === 'string' ? { machine } : {}),
        machine_count: typeof gpu_count === 'number' ? gpu_count : 1,
        spot: use_spot_instances === true,
      },
    )
    await services.db.service
      .updateTable('training_jobs')
      .set({
        cost: sql`jsonb_set(cost, '{estimated}', coalesce(to_jsonb(${usd?.high ?? null}::float8), 'null'))` as never,
      })
      .where('id', '=', job.id)
      .execute()
  } catch (error) {
    services.log.warn({ err: error, job: job.id }, 'no estimate could be noted')
  }
}
