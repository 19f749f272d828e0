import Link from 'next/link'
import { formatPlural } from '#lib/display/number-format.ts'
import type { SecretNeeds } from '#lib/secrets/secret.types.ts'

export function isNeeded({ dataset_count, job_count }: SecretNeeds): boolean {
  return dataset_count + job_count > 0
}

/** "1 job and 3 datasets". */
export function needsInWords({ dataset_count, job_count }: SecretNeeds): string {
  return [
    job_count > 0 ? formatPlural(job_count, 'job') : '',
    dataset_count > 0 ? formatPlural(dataset_count, 'dataset') : '',
  ]
    .filter(Boolean)
    .join(' and ')
}

/** Who would miss a secret: each by name, as a link, with what it is doing or where it lies. */
export function SecretNeedsList({ needs }: { needs: SecretNeeds }) {
  const { jobs, job_count, datasets, dataset_count } = needs
  const more = job_count - jobs.length + dataset_count - datasets.length
  return (
    <ul className="max-h-64 divide-y overflow-y-auto rounded-md border">
      {jobs.map(({ id, name, status }) => (
        <NeedsRow key={id} href={`/jobs/${id}`} name={name} aside={`Job, ${status}`} />
      ))}
      {datasets.map(({ id, name, place }) => (
        <NeedsRow key={id} href={`/datasets/${id}`} name={name} aside={`Dataset in ${place}`} />
      ))}
      {more > 0 ? (
        <li className="px-3 py-2 text-muted-foreground">And {formatPlural(more, 'other')}.</li>
      ) : null}
    </ul>
  )
}

function NeedsRow({ href, name, aside }: { href: string; name: string; aside: string }) {
  return (
    <li className="grid gap-0.5 px-3 py-2">
      <Link
        href={href}
        prefetch={false}
        dir="auto"
        title={name}
        className="truncate text-primary-text underline-offset-2 hover:underline"
      >
        <bdi>{name}</bdi>
      </Link>
      <span className="break-all text-muted-foreground text-xs">{aside}</span>
    </li>
  )
}
