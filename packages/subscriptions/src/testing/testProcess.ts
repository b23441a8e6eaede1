import type { EventStore } from '@portcullis/core'
import { createPool } from '@portcullis/postgres'
import { createRunner, type Runner } from '../leases/runner.ts'
import { runSubscription, type SubscriptionProblem } from '../runSubscription.ts'

/**
 * What a worker process is to leases: connections of its own, and a will to run these subscriptions, which write into
 * the table `handled`.
 */
export interface TestProcess {
  readonly runner: Runner
  readonly problems: readonly SubscriptionProblem[]
  /** Looks for leases, as it would every beat. */
  look(): Promise<void>
  /** Was it told that a lease may be free? */
  stirred(): boolean
  /** Nothing goes on in it, but the connections stay: batches that were read aren't handed on. */
  freeze(): void
  /** The same, in the middle of the transaction of a batch. */
  freezeInBatch(): void
  frozen(): boolean
  /** How many batches wait for it to thaw. */
  held(): number
  /** How long the server bears an idle transaction of its batch. */
  patience(): string | undefined
  thaw(): void
  stop(): Promise<void>
  /** Its connections end; it gives nothing up. */
  kill(): Promise<void>
  /** Ends what is left of it. */
  end(): Promise<void>
}

export const testProcess = (options: {
  readonly label: string
  readonly url: string
  readonly store: EventStore
  readonly names: readonly string[]
}): TestProcess => {
  const { label, store } = options
  const pool = createPool(options.url, { max: 12, applicationName: label })
  const problems: SubscriptionProblem[] = []
  let gate: (PromiseWithResolvers<void> & { readonly inBatch: boolean }) | undefined
  let held = 0
  let stirred = false
  let patience: string | undefined
  let over: Promise<void> | undefined

  const pass = async (inBatch: boolean): Promise<void> => {
    if (gate?.inBatch !== inBatch) return
    held += 1
    await gate.promise
  }
  const freeze = (inBatch: boolean): void => {
    gate ??= { ...Promise.withResolvers<void>(), inBatch }
  }
  const thaw = (): void => {
    gate?.resolve()
    gate = undefined
    held = 0
  }
  const gated: EventStore = {
    ...store,
    async *subscribe(asked) {
      for await (const batch of store.subscribe(asked)) {
        await pass(false)
        yield batch
      }
    },
  }
  const runner = createRunner({
    pool,
    label,
    onStir: () => {
      stirred = true
    },
    onProblem: (problem) => problems.push(problem),
    subscriptions: async () =>
      options.names.map((name) => ({
        name,
        run: ({ epoch, signal }) =>
          runSubscription({
            name,
            epoch,
            signal,
            store: gated,
            pool,
            clock: { now: () => '2026-01-01T00:00:00.000Z' },
            batchSize: 2,
            startAt: 'start',
            retry: { attempts: 1, waitMs: 1 },
            onProblem: (problem) => problems.push(problem),
            handle: async (events, tx) => {
              const { rows } = await tx.query('show idle_in_transaction_session_timeout')
              patience = rows[0]?.idle_in_transaction_session_timeout
              await pass(true)
              await tx.query(
                'insert into handled select $1, unnest($2::bigint[]), $3::bigint, $4',
                [name, events.map(({ position }) => position), epoch.toString(), label],
              )
            },
          }),
      })),
  })
  const stop = async (): Promise<void> => {
    thaw()
    over ??= runner.stop().then(() => pool.end())
    await over
  }

  return {
    runner,
    problems,
    look: runner.look,
    stirred: () => stirred,
    freeze: () => freeze(false),
    freezeInBatch: () => freeze(true),
    frozen: () => gate !== undefined,
    held: () => held,
    patience: () => patience,
    thaw,
    stop,
    kill: async () => {
      // From the pool on, nothing it does gets to the server any more.
      const ended = pool.end().catch(() => {})
      thaw()
      over = runner
        .stop()
        .catch(() => {})
        .then(() => ended)
      await over
    },
    end: async () => {
      await stop().catch(() => {})
    },
  }
}
