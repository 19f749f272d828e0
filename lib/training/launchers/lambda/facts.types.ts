import { range } from '#lib/training/cost/range.ts'
import { type LauncherFacts, untilVerified } from '../facts.types.ts'
import { deployOptionsSchema } from './options.types.ts'

export const facts = {
  label: 'Lambda',
  options: deployOptionsSchema,
  secret: 'lambda',
  address: { setting: 'LAMBDA_API_URL', of: "Lambda's API" },
  capabilities: {
    onThisMachine: false,
    bills: true,
    startedBy: 'us',
    data: 'lease',
    // Lambda shows no logs and ends no machine: the end of a detached training could not be learned, only paid for.
    canDetach: false,
    results: 'ours',
    enforcesRuntime: false,
  },
  data: { reads: 'https', home: ['supabase'] },
  startUpHours: range(4 / 60, 15 / 60),
  spotPriceShare: null,
  machine: 'instance',
  whenCancelled: `The instance is terminated, and its disk with it: what was not stored elsewhere is lost. ${untilVerified('Lambda')}`,
  prices: {
    pricedOn: '2026-09-20',
    rows: [
      ['gpu_1x_rtx6000', 1, 'RTX 6000', 0.69],
      ['gpu_1x_a6000', 1, 'RTX A6000', 1.09],
      ['gpu_1x_a10', 1, 'A10', 1.29],
      ['gpu_1x_a100', 1, 'A100 40 GB', 1.99],
      ['gpu_1x_a100_sxm4', 1, 'A100 40 GB', 1.99],
      ['gpu_1x_gh200', 1, 'GH200', 2.29],
      ['gpu_1x_h100_pcie', 1, 'H100 PCIe', 3.29],
      ['gpu_1x_h100_sxm5', 1, 'H100', 4.29],
      ['gpu_8x_v100', 8, 'V100', 6.32],
      ['gpu_1x_b200_sxm6', 1, 'B200', 6.99],
      ['gpu_2x_h100_sxm5', 2, 'H100', 8.38],
      ['gpu_8x_a100', 8, 'A100 40 GB', 15.92],
      ['gpu_4x_h100_sxm5', 4, 'H100', 16.36],
      ['gpu_8x_a100_80gb_sxm4', 8, 'A100 80 GB', 22.32],
      ['gpu_8x_h100_sxm5', 8, 'H100', 31.92],
    ],
  },
} as const satisfies LauncherFacts
