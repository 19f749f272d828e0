/** Curves that can be told apart in one chart: as many as there are colours for them. */
export const comparedMax = 5

/** Ids of jobs as an address has them, comma-separated; what is there twice, or too much, is left out. */
export function comparedIds(text: string | null | undefined): string[] {
  return [...new Set((text ?? '').split(','))].filter(Boolean).slice(0, comparedMax)
}
