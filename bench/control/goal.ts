/** One thing that has to be so, with what was measured. */
export interface Goal {
  what: string
  wanted: string
  measured: string
  isMet: boolean
}

/** Below a bound, in milliseconds. */
export function below(what: string, measuredMs: number, boundMs: number, share: string): Goal {
  return {
    what,
    wanted: `${share} below ${boundMs} ms`,
    measured: `${measuredMs.toFixed(measuredMs < 10 ? 2 : 0)} ms`,
    isMet: measuredMs < boundMs,
  }
}

export function exactly(what: string, measured: number, wanted: number): Goal {
  const count = (value: number) => value.toLocaleString('en-US')
  return { what, wanted: count(wanted), measured: count(measured), isMet: measured === wanted }
}
