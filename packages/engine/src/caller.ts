import type { Actor, SessionAuthentication } from '@portcullis/core'
import type { DirectoryRole } from '@portcullis/domain'

/** Who calls, as authentication found. */
export interface Caller {
  /** Never the engine itself: its commands don't come this way. */
  readonly actor: Extract<Actor, { readonly kind: 'user' | 'service' }>
  /** Carried by a service's token. A user's come from the directory, never from the token: empty there. */
  readonly directoryRoles: readonly DirectoryRole[]
  /** How somebody who signed in was authenticated; absent for whoever sent a token. */
  readonly authentication?: SessionAuthentication
}
