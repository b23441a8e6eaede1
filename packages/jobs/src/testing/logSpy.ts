import type { JobsLog } from '../log.ts'

export interface LogSpy extends JobsLog {
  readonly lines: { readonly level: string; readonly data: object; readonly message: string }[]
}

/** Keeps what was logged. */
export const logSpy = (): LogSpy => {
  const lines: LogSpy['lines'] = []
  const at = (level: string) => (data: object, message: string) => {
    lines.push({ level, data, message })
  }
  return { lines, info: at('info'), warn: at('warn'), error: at('error') }
}
