// Shutdown, crash and start-up of the server; connection exceptions; too many connections.
const PASSING = /^(57P0[123]|08...|53300)$/
const SYSTEM = /^(E[A-Z_]+|ERR_(TLS|SSL|SOCKET).*)$/
// The driver's own errors carry no code.
const DRIVER =
  /^(Connection terminated|Client (has encountered|was closed)|timeout (expired|exceeded)|Query read timeout|Connection ended)/i

/**
 * Whether an error says that the connection, rather than the statement, failed: the server is away, restarting, or was never reached.
 * Then it isn't known whether the statement was carried out.
 */
export const isConnectionLoss = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  const code = codeOf(error)
  return PASSING.test(code) || SYSTEM.test(code) || DRIVER.test(error.message)
}

/** Whether the statement failed by what was in it: bad data, a broken constraint, a limit of the server. */
export const isAboutContent = (error: unknown): boolean =>
  error instanceof Error && /^(22|23|54)...$/.test(codeOf(error))

const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : ''

/** Milliseconds before the next try: 50, 100, 200 … up to 2 s. */
export const backOff = (attempt: number): number => Math.min(2_000, 50 * 2 ** attempt)
