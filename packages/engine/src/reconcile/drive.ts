import type { Instant } from '@portcullis/core'
import type { GrantCommand } from '@portcullis/domain'
import type { LoadedGrant } from './grants.ts'

/** A grant on its way to where it should be, as far as it has come. */
export interface Drive {
  readonly grantId: string
  /** The subject has left: nothing is granted. */
  readonly withheld: boolean
  grant: LoadedGrant
  /** Changes of its holds that are still to be appended: with the start of the operation that they call for. */
  holds: readonly GrantCommand[]
  /** True when this run did something about the access: others who depend on the grant may want to know. */
  changed: boolean
  /** When to look again, where somebody else's operation is in flight or the target can't be called now. */
  lookAgainAt: Instant | null
}
