import type { ApiError } from './api-error.ts'

/** Why an upload stands still at the moment, for whoever waits for it. */
export const uploadInterruption = ({ code }: ApiError): string =>
  code === 'upload_busy'
    ? 'Another tab or machine is sending this file. This one goes on when that one stops.'
    : 'The connection broke. Trying again.'
