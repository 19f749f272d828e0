import { range } from '#lib/training/cost/range.ts'
import type { LauncherFacts } from '../facts.types.ts'
import { deployOptionsSchema } from './options.types.ts'

export const facts = {
  label: 'Colab',
  options: deployOptionsSchema,
  secret: null,
  address: null,
  capabilities: {
    onThisMachine: false,
    // It is the person's plan at Google that pays; nothing of it can be seen or stopped from here.
    bills: false,
    startedBy: 'person',
    data: 'lease',
    canDetach: false,
    results: 'ours',
    enforcesRuntime: false,
    endsItself: true,
  },
  data: { reads: 'https', home: ['supabase'] },
  startUpHours: range(2 / 60, 8 / 60),
  spotPriceShare: null,
  machine: 'notebook',
  whenCancelled:
    'The notebook is told to stop with its next report, and its token is dead at once. Its runtime at Colab stays until you disconnect it there.',
  // Compute units, whose use an hour nobody states.
  prices: {
    pricedOn: '2026-11-27',
    rows: [
      ['T4', 1, 'T4', null],
      ['L4', 1, 'L4', null],
      ['A100', 1, 'A100 40 GB', null],
      ['H100', 1, 'H100', null],
    ],
  },
} as const satisfies LauncherFacts
