export interface CountedTokens {
  /** What counted. */
  tokenizer: string
  /** For each text. */
  tokens: number[]
}

export type CountTokens = (texts: string[]) => Promise<CountedTokens>

/** By the tokenizer that comes with us; its table is loaded when it is first needed. */
export const countWithOwnTokenizer: CountTokens = async (texts) => {
  const { countTokens } = await import('gpt-tokenizer/encoding/cl100k_base')
  // What looks like a control token in a dataset is text like any other.
  const options = { disallowedSpecial: new Set<string>() }
  return { tokenizer: 'cl100k_base', tokens: texts.map((text) => countTokens(text, options)) }
}
