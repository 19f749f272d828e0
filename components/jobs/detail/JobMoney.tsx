import { Alert } from '#components/ui/alert.tsx'
import { Section } from '#components/ui/card.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { Progress } from '#components/ui/progress.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import { formatMoney } from '#lib/display/number-format.ts'
import { formatDuration } from '#lib/display/time-format.ts'
import type { Job } from '#lib/training/job.types.ts'
import { capabilitiesOf } from '#lib/training/launchers/all-facts.types.ts'
import { hasEnded } from '../job-status.ts'
import { Fact, Facts } from './Facts.tsx'
import { machineWords } from './machine-words.ts'

const warningShare = 0.8

/** What it has cost, what it may cost, and for what. */
export function JobMoney({ job }: { job: Job }) {
  return (
    <Section title="Cost">
      {capabilitiesOf(job.provider).onThisMachine ? (
        <p className="text-muted-foreground">Nothing. It runs on this machine.</p>
      ) : capabilitiesOf(job.provider).startedBy === 'person' ? (
        <p className="text-muted-foreground">
          Compute units of your plan at Google. What is spent there cannot be seen or stopped from here.
        </p>
      ) : (
        <Rented job={job} />
      )}
      {job.max_runtime_seconds !== null && (
        <p className="mt-3 text-muted-foreground text-xs">
          Stopped after {formatDuration(job.max_runtime_seconds)} at the latest.
        </p>
      )}
    </Section>
  )
}

function Rented({ job }: { job: Job }) {
  const { estimated, so_far: soFar, budget_limit: budget } = job.cost
  const { machine, provider_ref: ref } = job
  const used = budget && soFar !== null ? soFar / budget : null
  return (
    <div className="grid gap-3">
      <Facts>
        <Fact name="So far">{soFar === null ? (machine ? 'Not known' : '$0.00') : formatMoney(soFar)}</Fact>
        <Fact name="Budget">{budget === null ? 'No limit' : formatMoney(budget)}</Fact>
        <Fact name="Estimated">{estimated === null ? 'No price known' : formatMoney(estimated)}</Fact>
        {machine && (
          <Fact name="Rate">
            {machine.usd_per_hour === null ? 'Not known' : `${formatMoney(machine.usd_per_hour)} an hour`}
          </Fact>
        )}
      </Facts>
      {used !== null && <Progress value={Math.min(1, used)} label="Budget used" />}
      {used !== null && used >= warningShare && !hasEnded(job.status) && (
        <Alert tone="warning" title={`${Math.floor(used * 100)} % of the budget is used`}>
          The machine is ended when all of it is.
        </Alert>
      )}
      {machine && (
        <div className="grid gap-2 border-t pt-3">
          <Facts>
            <Fact name="Machine">{machine.id}</Fact>
            {machine.region && <Fact name="Region">{machine.region}</Fact>}
            {ref && (
              <Fact name={capitalised(machineWords[job.provider])}>
                <span className="inline-flex max-w-full items-center gap-1">
                  <code className="break-all font-mono text-xs">{ref}</code>
                  <CopyButton value={ref} what={`${machineWords[job.provider]} id`} />
                </span>
              </Fact>
            )}
            <Billing job={job} />
          </Facts>
        </div>
      )}
    </div>
  )
}

function Billing({ job: { billed_from, billed_until } }: { job: Job }) {
  if (billed_until)
    return (
      <Fact name="Verified gone">
        <RelativeTime value={billed_until} />
      </Fact>
    )
  if (!billed_from) return null
  return (
    <Fact name="Costs since">
      <RelativeTime value={billed_from} />
    </Fact>
  )
}

const capitalised = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)
