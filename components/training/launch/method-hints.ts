import type { TrainingMethod } from '#lib/training/training-config.types.ts'

/** What each method learns from, in plain words. */
export const methodHints = {
  sft: 'Learns to answer as the conversations do. The usual choice.',
  dpo: 'Learns from pairs of a better and a worse answer.',
  orpo: 'Learns answers and preferences at once, from the same pairs.',
  kto: 'Learns from answers that are marked good or bad.',
  reward: 'Learns to score answers, from rated ones.',
  cpt: 'Goes on reading plain text, to learn a language or a field.',
} as const satisfies Record<TrainingMethod, string>
