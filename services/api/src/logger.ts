import { type DestinationStream, type LevelWithSilent, type Logger, pino } from 'pino'

/** Fields that may carry a token, wherever they are logged. */
const SECRETS = [
  'authorization',
  'cookie',
  'token',
  'password',
  'clientSecret',
  'headers.authorization',
  'headers.cookie',
  'err.headers',
]

/**
 * The log of a process: one JSON object a line, without personal data or tokens.
 * @param level least level that is written
 * @param destination standard output when absent
 */
export const createLogger = (level: LevelWithSilent, destination?: DestinationStream): Logger => {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: [...SECRETS, ...SECRETS.map((field) => `*.${field}`)], censor: '[redacted]' },
    serializers: { err: describeError },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/** What a log may hold of an error: drivers put rows and parameters into other fields, and so personal data. */
export const describeError = (error: unknown): object =>
  error instanceof Error
    ? {
        name: error.name,
        message: error.message,
        ...('code' in error ? { code: error.code } : {}),
        ...(error.stack === undefined ? {} : { stack: error.stack }),
        ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
      }
    : { message: String(error) }
