import { EmbeddedPostgresError } from '@portcullis/embedded-postgres'
import { NoConnection } from '@portcullis/postgres'
import { ConnectorsConfigError } from '@portcullis/provisioning'
import { ConfigError } from '../configError.ts'
import { DatabaseUnreachable } from '../database.ts'
import { EventStoreUnreachable } from '../eventStore.ts'

/** Exit codes of every program of ours: part of the contract with whoever starts them. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3, held: 4 } as const

const USAGE = [ConfigError, ConnectorsConfigError]
const UNREACHABLE = [
  EmbeddedPostgresError,
  DatabaseUnreachable,
  EventStoreUnreachable,
  NoConnection,
]

/** With what a process ends that this error ended: wrong configuration, a server out of reach, or any other failure. */
export const exitCodeOf = (error: unknown): number => {
  if (USAGE.some((kind) => error instanceof kind)) return EXIT.usage
  return UNREACHABLE.some((kind) => error instanceof kind) ? EXIT.unreachable : EXIT.failed
}
