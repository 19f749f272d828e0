import { factOfEach } from './all-facts.types.ts'

/** The secret that opens a user's account at a provider; null where there is no account. */
export const secretOfProvider = factOfEach('secret')
