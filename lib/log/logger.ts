import { type DestinationStream, type Logger, pino, type SerializedError } from 'pino'

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

/** What the databases' errors carry of the statement that failed: its values are people's data, and secrets. */
const dataOfStatements = [
  'query',
  'params',
  'parameters',
  'queryOptions',
  'detail',
  'where',
  'internalQuery',
] as const

export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    redact: { paths: redact, censor: '[redacted]' },
    base: undefined,
    serializers: { err: withoutData },
  }
  return destination ? pino(options, destination) : pino(options)
}

function withoutData(error: Error): SerializedError {
  const shown = pino.stdSerializers.err(error)
  if (typeof shown !== 'object' || shown === null) return shown
  for (const field of dataOfStatements) delete shown[field]
  return shown
}
