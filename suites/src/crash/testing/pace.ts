import { setTimeout as delay } from 'node:timers/promises'
import { JOB_ROUTER, MAIL_REACTOR } from '@portcullis/engine'
import type { Runtime } from '@portcullis/runtime'
import { readCheckpoints } from '@portcullis/subscriptions'

/** Those that each story gives work to. */
const WORKING = [JOB_ROUTER, MAIL_REACTOR, /^projection\.(?:deadlines|entitlements|grants)\./]
const POLL_MILLIS = 250
/** Longer than anything is away. */
const PATIENCE_MILLIS = 300_000

/**
 * How far the views and reactors are behind the log, in milliseconds: an upstream service that minds it sends no more
 * than is worked off.
 * @param lagMillis as long as they are further behind, nobody goes on
 * @returns waits until they aren't; also while the store or the database can't say. Rejects when they don't catch up in
 *   five minutes
 */
export const createPace = (
  { store, pool }: Pick<Runtime, 'store' | 'pool'>,
  lagMillis: number,
): (() => Promise<void>) => {
  /** The log's end as it was seen, and when. */
  let ends: { readonly at: number; readonly head: bigint }[] = []
  let lookedAt = 0
  let looking: Promise<void> | undefined

  const lag = async (): Promise<number> => {
    const at = Date.now()
    ends.push({ at, head: await store.head() })
    const positions = [...(await readCheckpoints(pool))]
      .filter(([name]) =>
        WORKING.some((one) => (typeof one === 'string' ? one === name : one.test(name))),
      )
      .map(([, { position }]) => position)
    ends = ends.filter(({ head }) => positions.some((position) => position < head))
    return at - (ends[0]?.at ?? at)
  }
  const look = async (): Promise<void> => {
    const giveUpAt = Date.now() + PATIENCE_MILLIS
    for (;;) {
      const behind = await lag().catch(() => Number.POSITIVE_INFINITY)
      if (behind <= lagMillis) break
      if (Date.now() > giveUpAt)
        throw new Error(`views or reactors don't catch up: ${behind} ms behind the log`)
      await delay(POLL_MILLIS)
    }
    lookedAt = Date.now()
  }
  return async () => {
    if (Date.now() - lookedAt < POLL_MILLIS) return
    looking ??= look().finally(() => {
      looking = undefined
    })
    await looking
  }
}
