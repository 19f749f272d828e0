import { range } from '#lib/training/cost/range.ts'
import { type LauncherFacts, untilVerified } from '../facts.types.ts'
import { deployOptionsSchema } from './options.types.ts'

export const facts = {
  label: 'RunPod',
  options: deployOptionsSchema,
  secret: 'runpod',
  address: { setting: 'RUNPOD_API_URL', of: "RunPod's API" },
  capabilities: {
    onThisMachine: false,
    bills: true,
    startedBy: 'us',
    data: 'lease',
    canDetach: true,
    results: 'ours',
    enforcesRuntime: false,
  },
  data: { reads: 'https', home: ['supabase'] },
  startUpHours: range(2 / 60, 10 / 60),
  spotPriceShare: null,
  machine: 'pod',
  whenCancelled: `The pod is terminated, and its disk with it: what was not stored elsewhere is lost. ${untilVerified('RunPod')}`,
  prices: {
    pricedOn: '2026-09-25',
    rows: [
      ['NVIDIA A40', 1, 'A40', 0.44, '2026-08-19'],
      ['NVIDIA GeForce RTX 4090', 1, 'RTX 4090', 0.74],
      ['NVIDIA L40S', 1, 'L40S', 1.09],
      ['NVIDIA A100 80GB PCIe', 1, 'A100 80 GB', 1.79, '2026-11-09'],
      ['NVIDIA A100-SXM4-80GB', 1, 'A100 80 GB', 1.79, '2026-11-09'],
      ['NVIDIA H100 PCIe', 1, 'H100 PCIe', 2.89, '2026-11-09'],
      ['NVIDIA H100 NVL', 1, 'H100 NVL', 3.19, '2026-11-09'],
      ['NVIDIA H100 80GB HBM3', 1, 'H100', 3.99, '2026-11-09'],
      ['NVIDIA H200', 1, 'H200', 4.59, '2026-10-07'],
      ['NVIDIA B200', 1, 'B200', 6.79, '2026-10-07'],
      ['NVIDIA RTX A5000', 1, 'RTX A5000', null],
      ['NVIDIA L4', 1, 'L4', null],
      ['NVIDIA GeForce RTX 3090', 1, 'RTX 3090', null],
      ['NVIDIA RTX A6000', 1, 'RTX A6000', null],
      ['NVIDIA RTX 6000 Ada Generation', 1, 'RTX 6000 Ada', null],
      ['NVIDIA GeForce RTX 5090', 1, 'RTX 5090', null],
      ['NVIDIA L40', 1, 'L40', null],
    ],
  },
} as const satisfies LauncherFacts
