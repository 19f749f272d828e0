import type { Reporter, TestCase, TestModule } from 'vitest/node'

interface StoreMeta {
  adapter: string
  server: string
}

declare module 'vitest' {
  interface TaskMeta {
    /** Set by the suite that every store passes. */
    store?: StoreMeta
  }
}

const symbols = { passed: 'yes', failed: 'FAILED', pending: '?' } as const

/** After a run with the contract of stores in it: guarantee x adapter x server, and the reason of each skip. */
export class ContractTable implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const cases = modules.flatMap((module) => [...module.children.allTests()])
    const lines = tableOf(cases.filter((each) => each.meta().store))
    if (lines.length > 0) process.stdout.write(`\n${lines.join('\n')}\n\n`)
  }
}

function tableOf(cases: readonly TestCase[]): string[] {
  if (cases.length === 0) return []
  const stores = [...new Set(cases.map(columnOf))].sort()
  const guarantees = new Map<string, Map<string, string>>()
  const reasons: string[] = []
  for (const each of cases) {
    const row = guarantees.get(guaranteeOf(each)) ?? new Map<string, string>()
    guarantees.set(guaranteeOf(each), row.set(columnOf(each), cellOf(each, reasons)))
  }
  const rows = [...guarantees].map(([guarantee, cells]) => [
    guarantee,
    ...stores.map((store) => cells.get(store) ?? ''),
  ])
  return [
    'What every store promises, and which of them showed it in this run:',
    '',
    ...aligned([['guarantee', ...stores], ...rows]),
    '',
    ...reasons.map((reason, at) => `[${at + 1}] not shown: ${reason}`),
  ]
}

const columnOf = (each: TestCase): string => {
  const { adapter, server } = each.meta().store!
  return `${adapter} (${server})`
}

const guaranteeWidth = 88

/** The name without the suite of the store, which is the column. Some have a key of a kilobyte in them. */
function guaranteeOf(each: TestCase): string {
  const name = each.fullName.split(' > ').slice(1).join(' > ')
  return name.length > guaranteeWidth ? `${name.slice(0, guaranteeWidth - 3)}...` : name
}

function cellOf(each: TestCase, reasons: string[]): string {
  const result = each.result()
  if (result.state !== 'skipped') return symbols[result.state]
  const reason = `${each.meta().store!.adapter}: ${result.note ?? 'no reason was given'}`
  if (!reasons.includes(reason)) reasons.push(reason)
  return `[${reasons.indexOf(reason) + 1}]`
}

function aligned(rows: readonly string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
}
