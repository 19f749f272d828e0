import type { User } from '#lib/auth/identity.ts'
import { invalid } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { getJob } from '#lib/training/jobs/get-job.ts'
import { type Notebook, notebookOf } from '#lib/training/launchers/colab/notebook.ts'
import { deployOptionsSchema } from '#lib/training/launchers/colab/options.types.ts'

/** The notebook of a job of the user's that a person starts by hand. */
export async function getJobNotebook(
  services: Pick<Services, 'db' | 'launchers' | 'publicUrl'>,
  user: User,
  jobId: string,
): Promise<{ fileName: string; notebook: Notebook }> {
  const job = await getJob(services, user, jobId)
  const launcher = services.launchers.of(job.provider)
  if (launcher.capabilities.startedBy !== 'person')
    throw invalid('no_notebook', 'This training has no notebook', 'Only trainings on Colab are run from one.')
  const lack = await launcher.lacks(user.id)
  if (lack) throw lack
  return {
    fileName: `finetunelab-${job.id.slice(0, 8)}.ipynb`,
    notebook: notebookOf({
      job,
      baseUrl: services.publicUrl(),
      gpuType: deployOptionsSchema.parse(job.options).gpu_type,
    }),
  }
}
