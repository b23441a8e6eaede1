import { randomBytes } from 'node:crypto'
import { addMillis, type Clock } from '@portcullis/core'
import type { Caller } from '@portcullis/engine'

/** A link is typed or clicked at once. */
export const LINK_MILLIS = 60_000
export const SESSION_MILLIS = 30 * 60_000
/** Of each kind at a time; the oldest goes when there is one more. */
const MOST = 100

/** Who may look at the queues in a browser, which can't send a bearer token. Kept in this process alone. */
export interface BoardSessions {
  /** @returns a secret that {@link BoardSessions.enter} takes once, within a minute */
  link(caller: Caller): string
  /** @returns the secret of a session of half an hour; undefined when the link's is unknown, used or too old */
  enter(link: string): string | undefined
  callerOf(session: string): Caller | undefined
}

export const createBoardSessions = (clock: Clock): BoardSessions => {
  const links = secrets(clock, LINK_MILLIS)
  const sessions = secrets(clock, SESSION_MILLIS)
  return {
    link: links.add,
    enter: (link) => {
      const caller = links.find(link)
      links.remove(link)
      return caller === undefined ? undefined : sessions.add(caller)
    },
    callerOf: sessions.find,
  }
}

const secrets = (clock: Clock, millis: number) => {
  const known = new Map<string, { readonly caller: Caller; readonly until: string }>()
  return {
    add: (caller: Caller): string => {
      const [oldest] = known.keys()
      if (known.size >= MOST && oldest !== undefined) known.delete(oldest)
      const secret = randomBytes(32).toString('base64url')
      known.set(secret, { caller, until: addMillis(clock.now(), millis) })
      return secret
    },
    find: (secret: string): Caller | undefined => {
      const found = known.get(secret)
      return found !== undefined && clock.now() < found.until ? found.caller : undefined
    },
    remove: (secret: string): void => {
      known.delete(secret)
    },
  }
}
