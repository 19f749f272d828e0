import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import { formatMoney } from '#lib/display/number-format.ts'
import type { Estimate } from '#lib/training/cost/estimate.types.ts'
import { formatHoursRange, formatUsdRange } from './estimate-format.ts'
import { StockBadge } from './machine/MachineRow.tsx'

/** Money and time as a range, what the range stands on, and machines that would cost less. */
export function EstimateView({
  estimate,
  onMachine,
}: {
  estimate: Estimate
  onMachine: (machine: string) => void
}) {
  const { usd, hours, label, usd_per_hour, parts, assumptions, warnings, cheaper } = estimate
  return (
    <div className="grid gap-4">
      <div className="grid gap-1">
        <p className="text-lg tabular-nums">{usd ? formatUsdRange(usd) : 'No price is known'}</p>
        <p className="text-muted-foreground tabular-nums">
          {formatHoursRange(hours)} on {label}
          {usd_per_hour === null ? '' : `, ${formatMoney(usd_per_hour)} an hour`}
        </p>
      </div>
      {warnings.length > 0 && (
        <Alert tone="warning" title="Before you launch">
          <ul className="grid gap-1">
            {warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Alert>
      )}
      {cheaper.length > 0 && (
        <div className="grid gap-2">
          <h3 className="font-medium">Cheaper for this training</h3>
          <ul className="divide-y rounded-md border tabular-nums">
            {cheaper.map((machine) => (
              <li key={machine.machine} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
                <span className="min-w-0 flex-1 basis-40 break-words">{machine.label}</span>
                <StockBadge stock={machine.stock} />
                <span className="text-muted-foreground">
                  {machine.usd ? formatUsdRange(machine.usd) : 'no price'}, {formatHoursRange(machine.hours)}
                </span>
                <Button
                  size="sm"
                  aria-label={`Use it: ${machine.label}`}
                  onClick={() => onMachine(machine.machine)}
                >
                  Use it
                </Button>
              </li>
            ))}
          </ul>
        </div>
      )}
      <details className="text-muted-foreground">
        <summary className="w-fit cursor-pointer rounded-sm">What this stands on</summary>
        <dl className="mt-2 grid max-w-md grid-cols-[1fr_auto_auto] gap-x-4 gap-y-1 tabular-nums">
          {parts
            .filter((part) => part.hours.high > 0 || (part.usd?.high ?? 0) > 0)
            .map((part) => (
              <div key={part.what} className="contents">
                <dt>{part.label}</dt>
                <dd className="text-right">{part.hours.high > 0 ? formatHoursRange(part.hours) : ''}</dd>
                <dd className="text-right">{part.usd ? formatUsdRange(part.usd) : ''}</dd>
              </div>
            ))}
        </dl>
        <ul className="mt-3 grid list-disc gap-1 pl-5">
          {assumptions.map((assumption) => (
            <li key={assumption}>{assumption}</li>
          ))}
        </ul>
      </details>
    </div>
  )
}
