/** JSON source text access (ECMAScript proposal, stage 4), which TypeScript's library does not know yet. */
interface JSON {
  rawJSON(text: string): unknown
  isRawJSON?(value: unknown): boolean
}
