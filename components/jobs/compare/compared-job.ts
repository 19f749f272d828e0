import type { SeriesStore } from '#components/charts/series-store.ts'
import type { Job } from '#lib/training/job.types.ts'

export interface ComparedJob {
  job: Job
  series: SeriesStore
  /** Its colour, everywhere on the page. */
  place: number
}
