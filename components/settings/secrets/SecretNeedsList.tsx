import Link from 'next/link'
import { formatPlural } from '#lib/display/number-format.ts'
import type { SecretNeeds } from '#lib/secrets/secret.types.ts'

const linkStyle = 'text-primary-text underline underline-offset-2'

/** Who would miss a secret: each by name, as a link, with what it is doing or where it lies. */
export function SecretNeedsList({ needs }: { needs: SecretNeeds }) {
  const { jobs, job_count, datasets, dataset_count } = needs
  return (
    <div className="grid gap-3">
      {job_count > 0 ? (
        <NeedsGroup
          title={`${formatPlural(job_count, 'job')}: they could be neither watched nor ended from here`}
          more={job_count - jobs.length}
          rows={jobs.map(({ id, name, status }) => ({ href: `/jobs/${id}`, name, aside: status }))}
        />
      ) : null}
      {dataset_count > 0 ? (
        <NeedsGroup
          title={`${formatPlural(dataset_count, 'dataset')}: they stay where they are, but cannot be read without a key`}
          more={dataset_count - datasets.length}
          rows={datasets.map(({ id, name, place }) => ({ href: `/datasets/${id}`, name, aside: place }))}
        />
      ) : null}
    </div>
  )
}

interface NeedsGroupProps {
  title: string
  rows: readonly { href: string; name: string; aside: string }[]
  more: number
}

function NeedsGroup({ title, rows, more }: NeedsGroupProps) {
  return (
    <section aria-label={title} className="grid gap-1.5">
      <p>{title}</p>
      <ul className="max-h-48 divide-y overflow-y-auto rounded-md border">
        {rows.map(({ href, name, aside }) => (
          <li key={href} className="grid gap-0.5 px-3 py-2">
            <Link href={href} prefetch={false} dir="auto" title={name} className={`truncate ${linkStyle}`}>
              <bdi>{name}</bdi>
            </Link>
            <span className="break-all text-muted-foreground text-xs">{aside}</span>
          </li>
        ))}
        {more > 0 ? (
          <li className="px-3 py-2 text-muted-foreground">And {formatPlural(more, 'other')}.</li>
        ) : null}
      </ul>
    </section>
  )
}
