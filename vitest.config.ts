import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { ContractTable } from './tests/support/contract-table.ts'

const setupFiles = ['tests/support/fail-on-console.ts']

export default defineConfig({
  test: {
    // Not one less than there are cores, as by default: a test file waits, for processes and servers, about as long as it works.
    maxWorkers: Math.max(2, availableParallelism()),
    reporters: ['default', new ContractTable()],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{lib,cli,components,scripts,web}/**/*.test.{ts,tsx}'],
          setupFiles,
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'contract',
          include: ['tests/contract/**/*.test.ts'],
          setupFiles,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.ts'],
          globalSetup: 'tests/support/postgres/global-setup.ts',
          setupFiles,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
