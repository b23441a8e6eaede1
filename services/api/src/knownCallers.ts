import { type Clock, toMillis } from '@portcullis/core'
import type { Application, Caller } from '@portcullis/engine'

/** How long somebody found in the directory counts as found, milliseconds: what a disabled person may go on for. */
const TTL_MILLIS = 3000
const MAX_ENTRIES = 10_000

/**
 * Says whether a user is in the directory and enabled. Only a yes is remembered, so that somebody who was just imported
 * isn't kept out.
 */
export const createKnownCallers = (
  application: Pick<Application, 'whoAmI'>,
  clock: Clock,
): ((caller: Caller) => Promise<boolean>) => {
  const seenAt = new Map<string, number>()
  return async (caller) => {
    if (caller.actor.kind !== 'user') return true
    const { id } = caller.actor
    const now = toMillis(clock.now())
    const age = now - (seenAt.get(id) ?? Number.NEGATIVE_INFINITY)
    if (age >= 0 && age < TTL_MILLIS) return true
    seenAt.delete(id)
    const { person } = await application.whoAmI(caller)
    if (person?.enabled !== true) return false
    if (seenAt.size >= MAX_ENTRIES) seenAt.clear()
    seenAt.set(id, now)
    return true
  }
}
