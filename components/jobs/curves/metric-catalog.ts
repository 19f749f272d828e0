/** A chart of the job page: which measurements share it, and in what unit they are. */
export interface MetricChart {
  title: string
  unit?: string
  names: readonly string[]
}

/** In the order of the page. The first is the large one. */
const known: readonly MetricChart[] = [
  { title: 'Loss', names: ['loss', 'eval_loss'] },
  { title: 'Learning rate', names: ['learning_rate'] },
  { title: 'Throughput', unit: 'tokens per second', names: ['tokens_per_second'] },
  { title: 'GPU memory', unit: 'MiB', names: ['gpu_memory_mib'] },
  { title: 'Gradient norm', names: ['grad_norm'] },
]

const labels: Record<string, string> = {
  loss: 'Training',
  eval_loss: 'Evaluation',
  learning_rate: 'Rate',
  tokens_per_second: 'Tokens/s',
  gpu_memory_mib: 'In use',
  grad_norm: 'Norm',
}

export function metricLabel(name: string): string {
  return labels[name] ?? name.replaceAll('_', ' ').replaceAll('/', ' / ')
}

/** The charts that have something to show, and one more for each measurement that nobody foresaw. */
export function chartsFor(names: readonly string[]): MetricChart[] {
  const present = new Set(names)
  const charts = known
    .map((chart) => ({ ...chart, names: chart.names.filter((name) => present.has(name)) }))
    .filter((chart) => chart.names.length > 0)
  const foreseen = new Set(known.flatMap((chart) => chart.names))
  const others = names.filter((name) => !foreseen.has(name)).toSorted()
  return [...charts, ...others.map((name) => ({ title: metricLabel(name), names: [name] }))]
}
