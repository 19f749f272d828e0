interface Waiting<Input, Output> {
  input: Input
  resolve(output: Output): void
  reject(error: unknown): void
}

export interface BatchOptions<Input, Output> {
  /** One output for each input, in order. */
  run(inputs: Input[]): Promise<Output[]>
  /** Inputs with the same key are never in one batch; the later one waits for the next. */
  keyOf(input: Input): string
  max: number
}

/**
 * Makes one call of many: what comes while a call is under way goes with the next one, so that a database has the fewer
 * round trips and commits the busier it is, and a single call waits for nothing. Where a batch fails, each of its
 * inputs is run by itself: only the one that is to blame is rejected.
 */
export function batched<Input, Output>({
  run,
  keyOf,
  max,
}: BatchOptions<Input, Output>): (input: Input) => Promise<Output> {
  let waiting: Waiting<Input, Output>[] = []
  let isRunning = false

  async function settle(batch: Waiting<Input, Output>[]): Promise<void> {
    try {
      const outputs = await run(batch.map(({ input }) => input))
      for (const [index, one] of batch.entries()) one.resolve(outputs[index]!)
    } catch (error) {
      if (batch.length === 1) return batch[0]!.reject(error)
      for (const one of batch) await settle([one])
    }
  }

  async function runAll(): Promise<void> {
    isRunning = true
    while (waiting.length > 0) {
      const [batch, rest] = nextBatch(waiting, keyOf, max)
      waiting = rest
      await settle(batch)
    }
    isRunning = false
  }

  return (input) =>
    new Promise((resolve, reject) => {
      waiting.push({ input, resolve, reject })
      if (!isRunning) void runAll()
    })
}

function nextBatch<Input, Output>(
  waiting: Waiting<Input, Output>[],
  keyOf: (input: Input) => string,
  max: number,
): [Waiting<Input, Output>[], Waiting<Input, Output>[]] {
  const keys = new Set<string>()
  const rest: Waiting<Input, Output>[] = []
  const batch = waiting.filter((one) => {
    const key = keyOf(one.input)
    const fits = keys.size < max && !keys.has(key)
    if (fits) keys.add(key)
    else rest.push(one)
    return fits
  })
  return [batch, rest]
}
