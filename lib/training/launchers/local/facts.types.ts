import { z } from 'zod'
import { range } from '#lib/training/cost/range.ts'
import type { LauncherFacts } from '../facts.types.ts'

export const facts = {
  label: 'This machine',
  options: z.object({}),
  secret: null,
  address: null,
  capabilities: {
    onThisMachine: true,
    bills: false,
    startedBy: 'us',
    data: 'lease',
    canDetach: false,
    results: 'own',
    enforcesRuntime: false,
  },
  data: { reads: 'disk', home: ['supabase', 'local'] },
  startUpHours: range(0, 0.5 / 60),
  spotPriceShare: null,
  machine: 'process',
  whenCancelled:
    'The training process is stopped, with everything that it started. The trainer is given a moment to save what it has learned.',
  prices: { pricedOn: '2026-11-27', rows: [] },
} as const satisfies LauncherFacts
