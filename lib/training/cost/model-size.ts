import type { Range } from './estimate.types.ts'
import { range } from './range.ts'

export interface ModelSize {
  /** Parameters that have to be held. */
  held: Range
  /** Parameters that each token goes through: fewer than held for a mixture of experts. */
  used: Range
  /** Whether the name tells it, or it had to be assumed. */
  known: boolean
}

const billion = 1e9
/** Well-known names that do not say their size. */
const sizes: readonly [RegExp, number][] = [
  [/gpt2-xl/, 1.5],
  [/gpt2-large/, 0.77],
  [/gpt2-medium/, 0.35],
  [/gpt2/, 0.12],
  [/phi-?4(?!-?mini)/, 14],
  [/phi-?(3|3\.5|4)-?mini/, 3.8],
  [/phi-?2/, 2.7],
  [/mistral-nemo/, 12],
]
const assumedSize = range(1 * billion, 8 * billion)

const one = (parameters: number): Range => ({ low: parameters, high: parameters })

/**
 * A model's size as its name tells it: `Qwen2.5-0.5B`, `SmolLM2-135M`, `Qwen3-30B-A3B` (30 held, 3 used),
 * `Mixtral-8x7B` (experts share their attention: about 0.83 of the product is held, two experts of eight are used).
 */
export function sizeOfModel(baseModel: string): ModelSize {
  const name = baseModel.toLowerCase().split('/').at(-1)!
  const experts = /(?:^|[^\d.])(\d+)x(\d+(?:\.\d+)?)b/.exec(name)
  if (experts) {
    const [count, each] = [Number(experts[1]), Number(experts[2])]
    const held = count * each * 0.83 * billion
    return { held: one(held), used: one(Math.min(held, each * 1.85 * billion)), known: true }
  }
  const plain = /(?:^|[^\da-z.])(?:e)?(\d+(?:\.\d+)?)(b|m)(?![a-z])/.exec(name)
  if (plain) {
    const held = Number(plain[1]) * (plain[2] === 'b' ? billion : 1e6)
    const active = /-a(\d+(?:\.\d+)?)b(?![a-z])/.exec(name)
    if (held > 0)
      return { held: one(held), used: one(active ? Number(active[1]) * billion : held), known: true }
  }
  const listed = sizes.find(([pattern]) => pattern.test(name))
  if (listed) return { held: one(listed[1] * billion), used: one(listed[1] * billion), known: true }
  return { held: assumedSize, used: assumedSize, known: false }
}
