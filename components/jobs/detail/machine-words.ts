import { factOfEach } from '#lib/training/launchers/all-facts.types.ts'

/** What a provider calls what is rented. */
export const machineWords = factOfEach('machine')

/** What cancelling does, before it is done. */
export const cancelWords = factOfEach('whenCancelled')
