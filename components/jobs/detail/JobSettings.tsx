import { Section } from '#components/ui/card.tsx'
import { formatCount, formatMeasure } from '#lib/display/number-format.ts'
import type { Job } from '#lib/training/job.types.ts'
import { trainerLabels, trainingMethodLabels } from '#lib/training/training-config.types.ts'
import { Fact, Facts } from './Facts.tsx'

/** What it was told to do. */
export function JobSettings({ job: { config } }: { job: Job }) {
  const { lora, ...rest } = config.hyperparameters
  const settings = Object.entries(rest).flatMap(([name, value]) =>
    value === null || value === undefined || value === '' ? [] : [[name, value] as const],
  )
  return (
    <Section title="Configuration">
      <Facts>
        <Fact name="Base model">
          <span className="break-all">{config.base_model}</span>
        </Fact>
        <Fact name="Method">{trainingMethodLabels[config.method]}</Fact>
        <Fact name="Trainer">{trainerLabels[config.trainer]}</Fact>
      </Facts>
      <details className="mt-3 border-t pt-3">
        <summary className="cursor-pointer text-muted-foreground hover:text-foreground">
          Hyperparameters
        </summary>
        <div className="mt-2 text-xs">
          <Facts>
            {settings.map(([name, value]) => (
              <Fact key={name} name={name.replaceAll('_', ' ')}>
                {settingWords(value)}
              </Fact>
            ))}
            <Fact name="LoRA">
              {lora
                ? `r ${lora.r}, alpha ${lora.alpha}, dropout ${lora.dropout}`
                : 'Off: all weights are trained'}
            </Fact>
          </Facts>
        </div>
      </details>
    </Section>
  )
}

function settingWords(value: string | number | boolean) {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value === 'string') return <code className="break-all">{value}</code>
  return Number.isInteger(value) ? formatCount(value) : formatMeasure(value)
}
