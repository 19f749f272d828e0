import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { Tokenizer } from '@huggingface/tokenizers'
import { type CountedTokens, countWithOwnTokenizer } from './report/count-tokens.ts'

export interface TokenTask {
  texts: string[]
  /** A `tokenizer.json`, as Hugging Face models have them. */
  tokenizerFile: string | null
}

let given: { file: string; tokenizer: Tokenizer } | null = null

export default async function countTokens({ texts, tokenizerFile }: TokenTask): Promise<CountedTokens> {
  if (tokenizerFile === null) return countWithOwnTokenizer(texts)
  if (given?.file !== tokenizerFile) {
    const tokenizer = new Tokenizer(JSON.parse(await readFile(tokenizerFile, 'utf8')), {})
    given = { file: tokenizerFile, tokenizer }
  }
  const { tokenizer } = given
  const tokens = texts.map((text) => tokenizer.encode(text, { add_special_tokens: false }).ids.length)
  return { tokenizer: basename(tokenizerFile), tokens }
}
