/** Sixteen digits in fours, or fifteen as American Express prints them; or without a break. */
const shapes = /^(?:\d{4}([ -]?)\d{4}\1\d{4}\1\d{4}|\d{4}([ -]?)\d{6}\2\d{5})$/
/** The first digits that Visa, Mastercard, American Express, Discover and JCB give out. */
const issuers = /^(?:4|5[1-5]|2[2-7]|3[47]|6011|65|35)/

/** Whether a text is shaped as a payment card number and its check digit is right (ISO/IEC 7812, Luhn). */
export function isCard(text: string): boolean {
  if (!shapes.test(text) || !issuers.test(text)) return false
  const digits = text.replace(/\D/g, '')
  const american = /^3[47]/.test(digits)
  if (american !== (digits.length === 15) || /^(\d)\1+$/.test(digits)) return false
  let sum = 0
  for (let at = digits.length - 1, double = false; at >= 0; at--, double = !double) {
    const digit = Number(digits[at]) * (double ? 2 : 1)
    sum += digit > 9 ? digit - 9 : digit
  }
  return sum % 10 === 0
}
