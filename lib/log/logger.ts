import { type Logger, pino } from 'pino'

/** Fields that must never be readable in a log, wherever they turn up. */
const redact = [
  'authorization',
  'cookie',
  'token',
  'password',
  'secret',
  'api_key',
  'secret_access_key',
  'headers.authorization',
  'headers.cookie',
  '*.token',
  '*.password',
  '*.api_key',
  '*.secret_access_key',
]

export function createLogger(level: string): Logger {
  return pino({ level, redact: { paths: redact, censor: '[redacted]' }, base: undefined })
}
