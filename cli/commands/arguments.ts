import { InvalidArgumentError } from 'commander'

export const wholeNumber =
  (min: number) =>
  (text: string): number => {
    const number = Number(text)
    if (Number.isSafeInteger(number) && number >= min) return number
    throw new InvalidArgumentError(`A whole number, ${min} or more.`)
  }

export function positiveNumber(text: string): number {
  const number = Number(text)
  if (Number.isFinite(number) && number > 0) return number
  throw new InvalidArgumentError('A number above 0.')
}
