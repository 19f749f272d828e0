import { Section } from '#components/ui/card.tsx'
import { Progress } from '#components/ui/progress.tsx'
import { formatMoney } from '#lib/display/number-format.ts'
import { formatDuration } from '#lib/display/time-format.ts'
import type { Job } from '#lib/training/job.types.ts'
import { Fact, Facts } from './Facts.tsx'

/** What it has cost, what it may cost. */
export function JobMoney({ job }: { job: Job }) {
  const { estimated, so_far: soFar, budget_limit: budget } = job.cost
  const free = job.provider === 'local'
  return (
    <Section title="Cost">
      {free ? (
        <p className="text-muted-foreground">Nothing. It runs on this machine.</p>
      ) : (
        <Facts>
          <Fact name="So far">{soFar === null ? 'Not known' : formatMoney(soFar)}</Fact>
          <Fact name="Estimated">{estimated === null ? 'No price known' : formatMoney(estimated)}</Fact>
          <Fact name="Budget">{budget === null ? 'No limit' : formatMoney(budget)}</Fact>
        </Facts>
      )}
      {!free && budget !== null && soFar !== null && budget > 0 && (
        <Progress className="mt-3" value={soFar / budget} label="Budget used" />
      )}
      {job.max_runtime_seconds !== null && (
        <p className="mt-2 text-muted-foreground text-xs">
          Stopped after {formatDuration(job.max_runtime_seconds)} at the latest.
        </p>
      )}
    </Section>
  )
}
