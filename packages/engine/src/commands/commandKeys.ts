import { type Actor, keyReused, type Refusal, storedCommandId } from '@portcullis/core'
import type { Views } from '@portcullis/views'

/**
 * Keys that a process remembers on its own, until the view has them for sure: minutes' worth of commands, some
 * megabytes.
 */
const KEPT = 20_000

/** A command from outside that is being carried out. */
export interface BegunCommand {
  /** Its key is in use, or was used by this process, for something else. */
  readonly refusal: Refusal | undefined
  /**
   * The same by the view of keys, which is asked meanwhile. Within its own stream a command is compared with what lies
   * there.
   */
  readonly admit: () => Promise<Refusal | undefined>
  /** @param done whether it left something: a key of which nothing came is free again (ADR 0006) */
  end(done: boolean): void
}

export interface CommandKeys {
  begin(actor: Actor, key: string, digest: string): BegunCommand
}

interface Known {
  readonly digest: string
  underWay: number
  done: boolean
}

/**
 * Which keys of senders stand for what, in whichever streams: what this process has under way or has done of late, and
 * what the view shows of all processes.
 * The view is a moment behind: what another process accepts in that moment isn't known here.
 */
export const createCommandKeys = (views: Pick<Views, 'digestOfCommand'>): CommandKeys => {
  const known = new Map<string, Known>()
  const forgetOldest = (): void => {
    for (const [id, { underWay }] of known) {
      if (known.size <= KEPT) return
      if (underWay === 0) known.delete(id)
    }
  }
  return {
    begin: (actor, key, digest) => {
      const id = storedCommandId(actor, key)
      const before = known.get(id)
      if (before !== undefined && before.digest !== digest)
        return { refusal: keyReused(key), admit: async () => keyReused(key), end: () => {} }
      const one = before ?? { digest, underWay: 0, done: false }
      one.underWay += 1
      known.set(id, one)
      forgetOldest()
      const shown = views.digestOfCommand(id)
      // Anybody who has no use for the answer, a repeat, doesn't hear of a failure either.
      shown.catch(() => {})
      return {
        refusal: undefined,
        admit: async () => {
          const other = await shown
          return other === undefined || other === digest ? undefined : keyReused(key)
        },
        end: (done) => {
          one.underWay -= 1
          one.done ||= done
          if (one.underWay === 0 && !one.done) known.delete(id)
        },
      }
    },
  }
}
