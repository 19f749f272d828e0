import { fileURLToPath } from 'node:url'
import { type ProcessCost, runProcess } from './run-process.ts'

const program = fileURLToPath(new URL('./duckdb-lane.ts', import.meta.url))

/** One statement in a process of its own, with as many threads as the machine has. */
export const runDuckdb = (statement: string): Promise<ProcessCost> =>
  runProcess([process.execPath, program, statement])
