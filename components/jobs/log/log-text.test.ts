import { describe, expect, it } from 'vitest'
import { LogStore } from './log-store.ts'
import { logText, readable } from './log-text.ts'

describe('readable', () => {
  it('takes out what colours a terminal', () => {
    expect(readable('\u001b[1;31mError\u001b[0m: no')).toBe('Error: no')
  })
  it('keeps the last state of a progress bar that rewrites its line', () => {
    expect(readable(' 10%|#   |\r 20%|##  |\r')).toBe(' 20%|##  |\r')
  })
  it('leaves the rest as it is', () => {
    expect(readable("{'loss': 1.2}")).toBe("{'loss': 1.2}")
  })
})

describe('logText', () => {
  it('writes each line with its time', () => {
    const store = new LogStore()
    store.append(1, [
      { at: '2026-01-01T00:00:00.000Z', stream: 'stdout', level: 'info', line: 'a' },
      { at: '2026-01-01T00:00:01.000Z', stream: 'stdout', level: 'info', line: 'b' },
    ])
    const lines = { length: 2, position: (index: number) => index }
    expect(logText(store, lines, 1)).toBe('2026-01-01T00:00:01.000Z b')
  })
})
