import type { Message } from './messages.ts'

/** How many turns two conversations share from the start, leaving each at least its last one. */
export function commonBeginning(chosen: readonly Message[], rejected: readonly Message[]): number {
  const longest = Math.min(chosen.length, rejected.length) - 1
  let shared = 0
  while (shared < longest && sameTurn(chosen[shared]!, rejected[shared]!)) shared++
  return shared
}

export const sameTurn = (one: Message, other: Message): boolean =>
  one.role === other.role && JSON.stringify(one.content) === JSON.stringify(other.content)
