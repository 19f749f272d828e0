/** What was learned a moment ago and need not be asked again yet. */
export interface ShortMemory<Value> {
  recall(key: string): Value | undefined
  keep(key: string, value: Value): void
  forget(key: string): void
}

/** Forgets after `milliseconds`, and the eldest first when there are more than `max`. */
export function createShortMemory<Value>({
  milliseconds,
  max,
}: {
  milliseconds: number
  max: number
}): ShortMemory<Value> {
  const kept = new Map<string, { value: Value; until: number }>()
  return {
    recall(key) {
      const found = kept.get(key)
      return found && found.until > Date.now() ? found.value : undefined
    },
    keep(key, value) {
      kept.delete(key)
      kept.set(key, { value, until: Date.now() + milliseconds })
      if (kept.size > max) kept.delete(kept.keys().next().value!)
    },
    forget: (key) => void kept.delete(key),
  }
}
