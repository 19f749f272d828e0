import type { DoctorEvent, DoctorOptions, DoctorSummary, Finding, PlaceReport } from './doctor.types.ts'

/** The doctor's events as the lines that a terminal shows. */
export function doctorWords({ mend }: DoctorOptions): (event: DoctorEvent) => string[] {
  return (event) => {
    switch (event.type) {
      case 'place':
        return [placeLine(event.place)]
      case 'finding':
        return findingLines(event.finding)
      case 'done':
        return ['', summaryLine(event.summary, mend)]
      case 'broken':
        return ['', `The doctor broke off: ${event.message}`]
      case 'alive':
        return []
    }
  }
}

export const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`

function placeLine({ place, user_id, datasets, objects, bytes }: PlaceReport): string {
  const whose = user_id ? ` (key of ${user_id})` : ''
  const size = `${(bytes / 1e6).toFixed(1)} MB`
  return `${place}${whose}: ${counted(datasets, 'dataset')}, ${counted(objects, 'object')}, ${size}`
}

function findingLines(finding: Finding): string[] {
  const { code, severity, name, dataset_id, key, message, remedy, outcome, did } = finding
  const what = name ? `"${name}" (${dataset_id})` : (key ?? finding.place)
  const lines = [`  ${severity === 'note' ? 'note ' : ''}${code}: ${what}`]
  if (name && key) lines.push(`    at ${key}, ${finding.place}`)
  else if (key) lines.push(`    in ${finding.place}`)
  lines.push(`    ${message}`)
  if (outcome === 'mended') lines.push(`    Mended. ${did}`)
  else if (outcome === 'failed') lines.push(`    Not mended. ${did}`)
  else lines.push(`    ${remedy}`)
  return lines
}

function summaryLine({ wrong, mended, remaining, notes }: DoctorSummary, mend: boolean): string {
  const noted = notes > 0 ? ` ${counted(notes, 'note')} besides.` : ''
  if (wrong === 0) return `Nothing is wrong.${noted}`
  const things = wrong === 1 ? '1 thing is wrong' : `${wrong} things are wrong`
  if (mend) return `${things}: ${mended} mended, ${remaining} left.${noted}`
  return `${things}. npm run doctor -- --mend mends what can be mended.${noted}`
}
