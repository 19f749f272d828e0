/**
 * A value as JSON that PostgreSQL takes. It refuses NUL characters and halves of surrogate pairs, which programs print all
 * the same: they become the character that stands for what cannot be shown.
 */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value)
  if (!unstorable.test(text)) return text
  return text.replace(escapes, (found) => (found === '\\\\' ? found : '\\ufffd'))
}

/** JSON.stringify writes both as escapes: whole pairs it leaves as they are. */
const unstorable = /\\u(0000|d[89a-f])/
/** An escaped backslash is taken first, so that what follows it is not mistaken for an escape. */
const escapes = /\\\\|\\u0000|\\ud[89a-f][0-9a-f]{2}/g
