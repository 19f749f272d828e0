import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countKeys, duplicateKeys } from './duplicate-keys.ts'
import { parseExact } from './exact-numbers.ts'
import { findMistake } from './json-syntax.ts'

const refuses = (text: string): boolean => {
  try {
    JSON.parse(text)
    return false
  } catch {
    return true
  }
}

test('a mistake is found wherever one character of a JSON text was changed, and repeats little of it', () => {
  const changed = fc
    .tuple(fc.jsonValue({ maxDepth: 4 }), fc.nat(), fc.constantFrom(...'{}[]",:\\\'x0-. \n\tNt'))
    .map(([value, at, character]) => {
      const text = JSON.stringify({ value })
      const where = at % text.length
      return text.slice(0, where) + character + text.slice(where + 1)
    })
    .filter(refuses)
  fc.assert(
    fc.property(changed, (text) => {
      const { at, message, expected } = findMistake(text)
      expect(at).toBeGreaterThanOrEqual(0)
      expect(at).toBeLessThanOrEqual(text.length)
      expect(message).not.toBe('')
      expect(expected).not.toBe('')
      expect(message.length).toBeLessThan(120)
    }),
    { numRuns: 400 },
  )
})

test('a text cut off anywhere is told to be incomplete', () => {
  const text = '{"a": [1, {"b": "c"}], "d": true}'
  for (let end = 1; end < text.length; end++) {
    expect(findMistake(text.slice(0, end)).message).toMatch(
      /ends before|no closing quote|where a value should be/,
    )
  }
})

test('a hundred thousand open brackets are no trouble', () => {
  expect(findMistake('['.repeat(100_000)).message).toBe('The row ends before it is complete')
})

test.each([
  ['{"a": NaN}', 'json.nan'],
  ['[-Infinity]', 'json.nan'],
  ['{"a": nan}', 'json.syntax'],
])('%s breaks the rule %s', (text, rule) => {
  expect(findMistake(text).rule).toBe(rule)
})

test('keys are counted without parsing, and doubled ones found, for any JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(duplicateKeys(JSON.stringify(value))).toEqual([])
    }),
  )
  expect(countKeys('{"a":1,"b":{"c\\"d":"\\":"}}')).toBe(3)
  expect(duplicateKeys('{"a":1, "b":[{"x":1,"y":"\\"x\\":","x":2}], "a" : 3}')).toEqual(['/b/0/x', '/a'])
  expect(duplicateKeys('{"a/b":1,"a\\u002fb":2}')).toEqual(['/a~1b'])
})

test('numbers are written as they were', () => {
  const text = '{"big":12345678901234567890,"one":1.0,"e":1e5,"neg":-0,"n":7,"s":"1.0"}'
  expect(JSON.stringify(parseExact(text))).toBe(text)
})

test('a mistake behind a string of megabytes is found', () => {
  const text = `{"a": "${'a'.repeat(20e6)}", oops}`
  expect(findMistake(text)).toMatchObject({ at: text.length - 5, rule: 'json.syntax' })
})
