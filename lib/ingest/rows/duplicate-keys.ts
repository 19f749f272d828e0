import { pointerTo } from '../formats/json-object.ts'
import { stringEnd } from './json-depth.ts'

/**
 * Keys in a row's text, cheaply: a quote before a colon ends a key, unless it is escaped inside a string. Only a
 * count that differs from the keys of the parsed row is worth a look at every key.
 */
export function countKeys(text: string): number {
  let keys = 0
  for (let at = text.indexOf('":'); at !== -1; at = text.indexOf('":', at + 2)) {
    if (text.charCodeAt(at - 1) !== 0x5c) keys++
  }
  return keys
}

/** JSON pointers of the keys that a valid JSON text has more than once in one object. */
export function duplicateKeys(text: string): string[] {
  const found = new Set<string>()
  const open: Array<{ keys: Set<string> | null; key: string; index: number }> = []
  for (let at = 0; at < text.length; at++) {
    const top = open.at(-1)
    switch (text[at]) {
      case '{':
        open.push({ keys: new Set(), key: '', index: 0 })
        break
      case '[':
        open.push({ keys: null, key: '', index: 0 })
        break
      case '}':
      case ']':
        open.pop()
        break
      case ',':
        if (top) top.index++
        break
      case '"': {
        const end = stringEnd(text, at)
        if (top?.keys && /^\s*:/.test(text.slice(end + 1, end + 65))) {
          top.key = JSON.parse(text.slice(at, end + 1))
          if (top.keys.has(top.key)) {
            found.add(open.map((level) => (level.keys ? pointerTo(level.key) : `/${level.index}`)).join(''))
          }
          top.keys.add(top.key)
        }
        at = end
      }
    }
  }
  return [...found]
}
