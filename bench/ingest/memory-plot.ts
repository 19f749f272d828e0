import type { MemoryTrace } from '../ingest.ts'

const width = 760
const height = 300
const margin = { left: 56, right: 16, top: 16, bottom: 40 }
const inside = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom }
const colours = ['#d97706', '#2563eb']
const boundMegabytes = 300

/** Resident memory over idle against time, a line for each upload, and the bound that it has to keep. */
export function memoryPlot(traces: readonly MemoryTrace[]): string {
  const secondsMax = Math.max(...traces.map(({ samples }) => samples.at(-1)?.seconds ?? 1))
  const peak = Math.max(...traces.map(({ peakOverIdleBytes }) => peakOverIdleBytes / 1e6))
  const megabytesMax = Math.ceil(Math.max(peak, boundMegabytes) / 50) * 50
  const x = (seconds: number): number => margin.left + (seconds / secondsMax) * inside.width
  const y = (megabytes: number): number =>
    margin.top + (1 - Math.max(0, megabytes) / megabytesMax) * inside.height
  const label = (at: { x: number; y: number; anchor?: string; fill?: string }, text: string): string =>
    `<text x="${at.x.toFixed(1)}" y="${at.y.toFixed(1)}" text-anchor="${at.anchor ?? 'middle'}"${at.fill ? ` fill="${at.fill}"` : ''}>${text}</text>`
  const rule = (megabytes: number, style: string): string =>
    `<line x1="${margin.left}" x2="${width - margin.right}" y1="${y(megabytes).toFixed(1)}" y2="${y(megabytes).toFixed(1)}" ${style}/>`
  const levels = Array.from({ length: megabytesMax / 50 + 1 }, (_, at) => at * 50)
  const step = niceStep(secondsMax)
  const times = Array.from({ length: Math.floor(secondsMax / step) + 1 }, (_, at) => at * step)
  const line = ({ samples }: MemoryTrace, at: number): string => {
    const points = samples.map(
      ({ seconds, bytesOverIdle }) => `${x(seconds).toFixed(1)},${y(bytesOverIdle / 1e6).toFixed(1)}`,
    )
    return `<polyline fill="none" stroke="${colours[at % colours.length]}" stroke-width="1.25" points="${points.join(' ')}"/>`
  }
  const name = ({ bytes, peakOverIdleBytes }: MemoryTrace, at: number): string =>
    label(
      {
        x: width - margin.right - 8,
        y: height - margin.bottom - 30 + at * 16,
        anchor: 'end',
        fill: colours[at % colours.length],
      },
      `${Number((bytes / 1e9).toFixed(1))} GB: at most ${Math.round(peakOverIdleBytes / 1e6)} MB`,
    )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#52525b">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...levels.map((level) => rule(level, 'stroke="#e4e4e7"')),
    ...levels
      .filter((level) => level % 100 === 0)
      .map((level) => label({ x: margin.left - 6, y: y(level) + 4, anchor: 'end' }, String(level))),
    rule(boundMegabytes, 'stroke="#dc2626" stroke-dasharray="5 4"'),
    label({ x: margin.left + 6, y: y(boundMegabytes) - 4, anchor: 'start', fill: '#dc2626' }, 'the bound'),
    ...times.map((time) => label({ x: x(time), y: height - margin.bottom + 16 }, String(time))),
    label({ x: margin.left + inside.width / 2, y: height - 6 }, 'seconds'),
    `<text transform="translate(14 ${margin.top + inside.height / 2}) rotate(-90)" text-anchor="middle">MB over idle</text>`,
    ...traces.map(line),
    ...traces.map(name),
    '</svg>',
    '',
  ].join('\n')
}

/** 1, 2 or 5 times a power of ten, for about eight marks. */
function niceStep(range: number): number {
  const rough = range / 8
  const power = 10 ** Math.floor(Math.log10(rough))
  return power * ([1, 2, 5].find((step) => step * power >= rough) ?? 10)
}
