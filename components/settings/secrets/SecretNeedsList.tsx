import Link from 'next/link'
import { formatPlural } from '#lib/display/number-format.ts'
import { needsCount, type SecretNeeds } from '#lib/secrets/secret.types.ts'

export const isNeeded = (needs: SecretNeeds): boolean => needsCount(needs) > 0

const list = new Intl.ListFormat('en-GB')

/** "1 job and 3 datasets". */
export function needsInWords({
  dataset_count,
  job_count,
  artifact_count,
  upload_count,
}: SecretNeeds): string {
  const words = [
    job_count > 0 ? formatPlural(job_count, 'job') : '',
    dataset_count > 0 ? formatPlural(dataset_count, 'dataset') : '',
    artifact_count > 0 ? formatPlural(artifact_count, 'result') : '',
    upload_count > 0 ? formatPlural(upload_count, 'upload') : '',
  ]
  return list.format(words.filter(Boolean))
}

/** Who would miss a secret: each by name, as a link, with what it is doing or where it lies. */
export function SecretNeedsList({ needs }: { needs: SecretNeeds }) {
  const { jobs, datasets, artifacts, uploads } = needs
  const more = needsCount(needs) - jobs.length - datasets.length - artifacts.length - uploads.length
  return (
    <ul className="max-h-64 divide-y overflow-y-auto rounded-md border">
      {jobs.map(({ id, name, status }) => (
        <NeedsRow key={id} href={`/jobs/${id}`} name={name} aside={`Job, ${status}`} />
      ))}
      {datasets.map(({ id, name, place }) => (
        <NeedsRow key={id} href={`/datasets/${id}`} name={name} aside={`Dataset in ${place}`} />
      ))}
      {artifacts.map(({ id, name, place, job_id }) => (
        <NeedsRow key={id} href={job_id && `/jobs/${job_id}`} name={name} aside={`Result in ${place}`} />
      ))}
      {uploads.map(({ id, name, place }) => (
        <NeedsRow key={id} href="/datasets" name={name} aside={`Upload on its way to ${place}`} />
      ))}
      {more > 0 ? (
        <li className="px-3 py-2 text-muted-foreground">And {formatPlural(more, 'other')}.</li>
      ) : null}
    </ul>
  )
}

function NeedsRow({ href, name, aside }: { href: string | null; name: string; aside: string }) {
  return (
    <li className="grid gap-0.5 px-3 py-2">
      {href === null ? (
        <bdi title={name} className="truncate">
          {name}
        </bdi>
      ) : (
        <Link
          href={href}
          prefetch={false}
          dir="auto"
          title={name}
          className="truncate text-primary-text underline-offset-2 hover:underline"
        >
          <bdi>{name}</bdi>
        </Link>
      )}
      <span className="break-all text-muted-foreground text-xs">{aside}</span>
    </li>
  )
}
