import type { TestProject } from 'vitest/node'
import { startPostgres } from './start-postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of a real PostgreSQL for this run, or why there is none. */
    postgres: { url: string; missing: null } | { url: null; missing: string }
  }
}

/** One server for all suites of a run; each makes its own database on it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  try {
    const server = await startPostgres()
    project.provide('postgres', { url: server.url, missing: null })
    return server.close
  } catch (error) {
    const missing = (error as Error).message
    process.stderr.write(`[integration] NOT run on a real PostgreSQL: ${missing}\n`)
    project.provide('postgres', { url: null, missing })
    return async () => {}
  }
}
