/** Colours of lines, by their place in a chart; after the fifth they come again. */
export const paletteSize = 5

/** The CSS variable of a line's colour: `--chart-1` to `--chart-5`. */
export function paletteVariable(place: number): string {
  return `--chart-${(place % paletteSize) + 1}`
}

/** A variable's value on the page as it looks now, for a canvas, which knows no variables. */
export function resolvedVariable(element: Element, variable: string): string {
  return getComputedStyle(element).getPropertyValue(variable).trim() || 'gray'
}
