import { messageOf } from '@portcullis/core'

/** What the engine tells operators; pino fits it. No personal data above debug. */
export interface Log {
  debug(data: object, message: string): void
  info(data: object, message: string): void
  warn(data: object, message: string): void
  error(data: object, message: string): void
}

export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
}

/** What a log line or an event may say of an unknown error: its text, bounded. */
export const errorText = (error: unknown): string => messageOf(error).slice(0, 2000)
