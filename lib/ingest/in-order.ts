/**
 * Works on several inputs at once and gives the outputs in the order of the inputs, each as soon as it and all before
 * it are there. At most `inFlightMax()` inputs are taken that have not been given back, so a slow reader of the
 * outputs slows the source of the inputs down.
 */
export async function* inOrder<Input, Output>(
  inputs: AsyncIterator<Input>,
  work: (input: Input) => Promise<Output>,
  inFlightMax: () => number,
): AsyncGenerator<Output> {
  const inFlight: Promise<Output>[] = []
  let next: Promise<IteratorResult<Input>> | null = null
  let ended = false
  try {
    for (;;) {
      if (!ended && next === null && inFlight.length < inFlightMax()) next = inputs.next()
      const first = inFlight[0]
      if (next === null && first === undefined) return
      const arrived = await firstOf(first, next)
      if ('output' in arrived) {
        inFlight.shift()
        yield arrived.output
      } else {
        next = null
        if (arrived.input.done) ended = true
        else inFlight.push(watched(work(arrived.input.value)))
      }
    }
  } finally {
    next?.catch(() => {})
    await inputs.return?.()
  }
}

type Arrived<Input, Output> = { output: Output } | { input: IteratorResult<Input> }

function firstOf<Input, Output>(
  output: Promise<Output> | undefined,
  input: Promise<IteratorResult<Input>> | null,
): Promise<Arrived<Input, Output>> {
  const racers: Promise<Arrived<Input, Output>>[] = []
  if (output !== undefined) racers.push(output.then((value) => ({ output: value })))
  if (input !== null) racers.push(input.then((value) => ({ input: value })))
  return Promise.race(racers)
}

/** A failure is seen when its turn comes, and is no stray rejection until then. */
function watched<Output>(promise: Promise<Output>): Promise<Output> {
  promise.catch(() => {})
  return promise
}
