/** Keys whose shapes their makers publish. */
const kinds: readonly (readonly [RegExp, string])[] = [
  [/^(?:AKIA|ASIA)[A-Z0-9]{16}$/, 'an AWS access key id'],
  [/^AIza[0-9A-Za-z_-]{35}$/, 'a Google API key'],
  [/^gh[pousr]_[A-Za-z0-9]{36,}$/, 'a GitHub token'],
  [/^github_pat_\w{22,}$/, 'a GitHub token'],
  [/^hf_[A-Za-z0-9]{30,}$/, 'a Hugging Face token'],
  [/^sk-ant-(?=.*\d)[A-Za-z0-9_-]{20,}$/, 'an Anthropic API key'],
  [/^sk-(?=.*\d)(?=.*[A-Z])[A-Za-z0-9_-]{32,}$/, 'an OpenAI API key'],
  [/^[rs]k_live_[0-9A-Za-z]{20,}$/, 'a Stripe key'],
  [/^xox[abeprs]-[A-Za-z0-9-]{10,}$/, 'a Slack token'],
  [/^npm_[A-Za-z0-9]{36}$/, 'an npm token'],
  [/^rpa_[A-Z0-9]{30,}$/, 'a RunPod API key'],
  [/^eyJhbGciOi[A-Za-z0-9_-]{10,}$/, 'a JSON web token'],
  [/^eyJ0eXAiOi[A-Za-z0-9_-]{10,}$/, 'a JSON web token'],
]

/** A piece of keys and where in them it is: behind exactly, or for the underscore at most, so many characters. */
export interface KeyAnchor {
  text: string
  before: number
  /** Characters of the shortest key that has it: most words with an underscore are ruled out by it. */
  shortest: number
}

/** Pieces by which every kind is found; `scan/places.ts` finds the first two bytes of each. */
export const keyAnchors: readonly KeyAnchor[] = [
  { text: 'AKIA', before: 0, shortest: 20 },
  { text: 'ASIA', before: 0, shortest: 20 },
  { text: 'AIza', before: 0, shortest: 39 },
  { text: 'k-', before: 1, shortest: 27 },
  { text: 'xox', before: 0, shortest: 15 },
  { text: 'JhbGci', before: 2, shortest: 20 },
  { text: 'J0eXAi', before: 2, shortest: 20 },
  { text: '_', before: 6, shortest: 28 },
]

const longestKey = 300

/** What a run of key characters looks like; null when it looks like nothing. */
export function secretKind(bytes: Uint8Array, start: number, end: number): string | null {
  const text = String.fromCharCode(...bytes.subarray(start, Math.min(end, start + longestKey)))
  return kinds.find(([shape]) => shape.test(text))?.[1] ?? null
}
