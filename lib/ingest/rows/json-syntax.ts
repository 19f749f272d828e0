/*
 * Finds the first mistake in a text that JSON.parse refused, and says it in words that are the same on every
 * engine and that repeat next to nothing of the row. It walks without recursion, so depth cannot hurt it.
 */
export interface SyntaxMistake {
  /** 0-based offset in characters. */
  at: number
  message: string
  expected?: string
  rule: 'json.syntax' | 'json.nan'
}

type Expecting = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or ]' | ', or }' | 'end'

const literal = /(?:true|false|null)(?![\w$])/y
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])/y
const notANumber = /[-+]?(?:NaN|Infinity)(?![\w$])/y
const word = /[\w$.+-]+/y
const space = /[ \t\n\r]*/y
const goodEscape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

export function findMistake(text: string): SyntaxMistake {
  const closers: string[] = []
  let expecting: Expecting = 'value'
  let at = skip(text, 0)

  const afterValue = (): Expecting => {
    const closer = closers.at(-1)
    return closer === undefined ? 'end' : closer === '}' ? ', or }' : ', or ]'
  }

  while (at < text.length) {
    const character = text[at]!
    if (expecting === 'end')
      return mistake(at, `The row goes on after its end, with ${show(text, at)}`, 'One row a line')
    if (expecting === ':') {
      if (character !== ':') return mistake(at, `Found ${show(text, at)} after a key`, 'A colon')
      expecting = 'value'
      at++
    } else if (expecting === ', or ]' || expecting === ', or }') {
      const closer: string = expecting.slice(-1)
      if (character === closer) {
        closers.pop()
        expecting = afterValue()
      } else if (character === ',') expecting = closer === '}' ? 'key' : 'value'
      else return mistake(at, `Found ${show(text, at)} after a value`, `A comma or ${closer}`)
      at++
    } else if (expecting === 'key' || expecting === 'key or }') {
      if (character === '}' && expecting === 'key or }') {
        closers.pop()
        expecting = afterValue()
        at++
      } else if (character === '"') {
        const end = readString(text, at)
        if (typeof end !== 'number') return end
        expecting = ':'
        at = end
      } else return badKey(text, at)
    } else if (character === ']' && expecting === 'value or ]') {
      closers.pop()
      expecting = afterValue()
      at++
    } else if (character === '{' || character === '[') {
      closers.push(character === '{' ? '}' : ']')
      expecting = character === '{' ? 'key or }' : 'value or ]'
      at++
    } else {
      const end = readScalar(text, at)
      if (typeof end !== 'number') return end
      expecting = afterValue()
      at = end
    }
    at = skip(text, at)
  }
  if (text.trim() === '')
    return mistake(0, 'There is nothing where a row should be', 'No comma after the last row')
  return mistake(text.length, 'The row ends before it is complete', missing(closers))
}

const mistake = (at: number, message: string, expected?: string): SyntaxMistake => ({
  at,
  message,
  expected,
  rule: 'json.syntax',
})

const missing = (closers: string[]): string | undefined =>
  closers.length === 0 ? undefined : `${closers.slice(-8).reverse().join('')} to close what was opened`

function badKey(text: string, at: number): SyntaxMistake {
  if (text[at] === '}') return mistake(at, 'There is a comma before }', 'No comma after the last value')
  if (text[at] === "'") return mistake(at, 'A key is in single quotes', 'Double quotes')
  return mistake(at, `Found ${show(text, at)} where a key should be`, 'A key in double quotes')
}

/** End of a string, number or literal, or the mistake in it. */
function readScalar(text: string, at: number): number | SyntaxMistake {
  const character = text[at]!
  if (character === '"') return readString(text, at)
  const end = match(literal, text, at) ?? match(number, text, at)
  if (end !== null) return end
  if (character === ']') return mistake(at, 'There is a comma before ]', 'No comma after the last value')
  if (character === "'") return mistake(at, 'A string is in single quotes', 'Double quotes')
  if (match(notANumber, text, at) !== null) {
    return { at, message: `${show(text, at)} is no JSON value`, rule: 'json.nan' }
  }
  return mistake(at, `Found ${show(text, at)} where a value should be`, hint(text, at))
}

function readString(text: string, at: number): number | SyntaxMistake {
  const end = goodEnd(text, at + 1)
  if (text[end] === '"') return end + 1
  if (end >= text.length) return mistake(at, 'A string has no closing quote', 'A double quote at its end')
  if (text[end] === '\\') {
    return mistake(
      end,
      `${show(text, end, 2)} is no escape`,
      'One of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\u0000',
    )
  }
  if (text[end] === '\n' || text[end] === '\r') {
    return mistake(at, 'A string has no closing quote on its line', 'A double quote, or \\n for a line break')
  }
  const code = text.charCodeAt(end).toString(16).padStart(4, '0')
  return mistake(
    end,
    `A string has a raw control character, U+${code.toUpperCase()}`,
    `It escaped, as \\u${code}`,
  )
}

/** Where the text of a string ends, or is wrong; found by a loop, since a pattern runs out of stack in a long one. */
function goodEnd(text: string, from: number): number {
  let at = from
  while (at < text.length) {
    const character = text[at]!
    if (character === '\\') {
      const end = match(goodEscape, text, at)
      if (end === null) return at
      at = end
    } else if (character === '"' || character < ' ') return at
    else at++
  }
  return at
}

function hint(text: string, at: number): string {
  const found = /^(?:True|False|None|undefined|nil)\b/.exec(text.slice(at, at + 12))?.[0]
  const right = { True: 'true', False: 'false' }[found ?? '']
  if (found !== undefined) return right ?? 'null'
  return 'A string, number, object, list, true, false or null'
}

function match(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : null
}

const skip = (text: string, at: number): number => match(space, text, at) ?? at

/** What stands there: one word or one character, never more than a little of it. */
function show(text: string, at: number, characters?: number): string {
  const end = match(word, text, at) ?? at + 1
  return JSON.stringify(text.slice(at, Math.min(characters ? at + characters : end, at + 24)))
}
