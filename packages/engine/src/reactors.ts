import type { Clock, EventStore } from '@portcullis/core'
import type { SubscriptionStatus, Subscriptions } from '@portcullis/subscriptions'

/** Names of the reactors' checkpoints: they are never set back (promise 8). */
export const JOB_ROUTER = 'reactor:jobs'
export const MAIL_REACTOR = 'reactor:mail'

const PREFIX = 'reactor:'
const NAMES = [JOB_ROUTER, MAIL_REACTOR]

interface Sources {
  readonly subscriptions: Subscriptions
  readonly store: EventStore
}

/**
 * Sets where the reactors begin, the first time that a database is opened: at the end of the log of then. Later calls
 * change nothing.
 */
export const registerReactors = async ({
  store,
  subscriptions,
  clock,
}: Sources & { readonly clock: Clock }): Promise<void> => {
  for (const name of NAMES) await subscriptions.createCheckpoint(name, () => store.head(), clock)
}

export interface ReactorStatus extends SubscriptionStatus {
  /** `jobs` or `mail`. */
  readonly name: string
}

/** What turns events into jobs and mails, seen from outside. */
export interface Reactors {
  status(): Promise<readonly ReactorStatus[]>
  /** Name of the checkpoint of one; undefined when there is no such reactor. */
  checkpointOf(name: string): string | undefined
}

export const createReactors = ({ store, subscriptions }: Sources): Reactors => ({
  checkpointOf: (name) => NAMES.find((each) => each === `${PREFIX}${name}`),
  status: async () => {
    const all = await subscriptions.status(store, NAMES)
    return all.map((status, index) => ({
      name: (NAMES[index] ?? '').slice(PREFIX.length),
      ...status,
    }))
  },
})
