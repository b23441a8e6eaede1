import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Sql } from '@portcullis/postgres'
import { delay } from '@portcullis/postgres'
import type pg from 'pg'
import { CheckpointLost } from '../checkpoints.ts'
import type { SubscriptionProblem } from '../runSubscription.ts'
import { balanceLeases } from './balanceLeases.ts'
import {
  beat,
  type LeaseView,
  leave,
  type Me,
  prepareLeases,
  readLeases,
  releaseLeases,
  takeLeases,
} from './leaseTable.ts'
import { openProof, type Proof } from './proof.ts'

/** What the owner of a subscription runs with. */
export interface Lease {
  /** Grows with each owner; what an earlier one writes is refused (see `advance`). */
  readonly epoch: bigint
  /** Aborts when the lease is over. */
  readonly signal: AbortSignal
}

/** A subscription that one process at a time runs. */
export interface LeasedSubscription {
  /** Of its lease and its checkpoint. */
  readonly name: string
  /** How much work it is beside the others; 1 when absent. */
  readonly weight?: number
  /** Ends when the lease's signal has aborted and the batch under way is done. One that throws is started again. */
  readonly run: (lease: Lease) => Promise<void>
}

export interface RunnerOptions {
  readonly pool: pg.Pool
  /** What there is to run now; asked at each look. */
  readonly subscriptions: () => Promise<readonly LeasedSubscription[]>
  /** For the operator: where this process is. Host and process id when absent. */
  readonly label?: string
  /** Milliseconds after its last beat that a runner counts as dead, at most. {@link LEASE_MILLIS} when absent. */
  readonly leaseMs?: number
  readonly onProblem?: (problem: SubscriptionProblem) => void
  /** Called when a look is due before the next beat: a lease may be free, or a subscription has ended. */
  readonly onStir?: () => void
}

/** One process's part in running subscriptions. */
export interface Runner {
  /**
   * Says that it is alive, sees who else is, takes what is free and its share, and gives up what is more than that.
   * @throws what the database throws; what is running goes on
   */
  look(): Promise<void>
  /** Names of what runs here. */
  running(): readonly string[]
  /** Stops all, once the batches under way are done, and gives the leases up. */
  stop(): Promise<void>
}

/**
 * A frozen process, or one behind a broken network, is dead after so long; with {@link BEAT_MILLIS} below the 10 s in
 * which others take over.
 */
export const LEASE_MILLIS = 6_000
const RESTART_MILLIS = 1_000

interface Running {
  readonly epoch: bigint
  readonly abort: AbortController
  readonly ended: Promise<void>
}

export const createRunner = (options: RunnerOptions): Runner => {
  const { pool, leaseMs = LEASE_MILLIS, onProblem } = options
  const stir = (): void => options.onStir?.()
  let byName: ReadonlyMap<string, LeasedSubscription> = new Map()
  let me: Me = {
    id: randomUUID(),
    label: options.label ?? `${hostname()} ${process.pid}`,
    offers: new Map(),
  }
  const running = new Map<string, Running>()
  let proof: Proof | undefined
  const prepared = new Set<string>()

  const keepOn = async ({ name, run }: LeasedSubscription, lease: Lease): Promise<void> => {
    while (!lease.signal.aborted) {
      try {
        await run(lease)
      } catch (error) {
        // Somebody else has it: the next look says who.
        if (error instanceof CheckpointLost) return
        onProblem?.({ name, kind: 'retrying', error, position: undefined })
        await delay(RESTART_MILLIS, lease.signal)
      }
    }
  }
  const start = (name: string, epoch: bigint): void => {
    const subscription = byName.get(name)
    if (subscription === undefined) return
    const abort = new AbortController()
    const ended = keepOn(subscription, { epoch, signal: abort.signal }).finally(() => {
      running.delete(name)
      // To be given up, or taken anew. One that was lost waits for the next beat.
      if (abort.signal.aborted) stir()
    })
    running.set(name, { epoch, abort, ended })
  }

  const opened = async (): Promise<Proof> => {
    if (proof?.isOpen() !== true) proof = await openProof(pool, me.id, stir)
    return proof
  }

  const settle = async (sql: Sql, view: LeaseView): Promise<void> => {
    const leases = [...view.leases.values()]
    const share = balanceLeases(
      new Map(view.runners).set(me.id, me.offers),
      new Map(leases.map(({ name, owner }) => [name, owner])),
    )
    for (const [name, { epoch, abort }] of running) {
      const lease = view.leases.get(name)
      if (lease?.owner !== me.id || lease.epoch !== epoch || share.get(name) !== me.id)
        abort.abort()
    }
    const idle = leases.filter(({ name }) => !running.has(name))
    const surplus = idle.filter(({ name, owner }) => owner === me.id && share.get(name) !== me.id)
    if (surplus.length > 0) await releaseLeases(sql, me.id, surplus)
    const wanted = idle.filter(({ name }) => share.get(name) === me.id)
    for (const { name, owner, epoch } of wanted) if (owner === me.id) start(name, epoch)
    const free = wanted.filter(({ owner }) => owner === undefined)
    if (free.length === 0) return
    for (const [name, epoch] of await takeLeases(sql, me.id, free)) start(name, epoch)
  }

  const offer = async (): Promise<void> => {
    const all = await options.subscriptions()
    byName = new Map(all.map((subscription) => [subscription.name, subscription]))
    me = { ...me, offers: new Map(all.map(({ name, weight = 1 }) => [name, weight])) }
  }

  const look = async (): Promise<void> => {
    await offer()
    const { sql, held, close } = await opened()
    // A connection that has gone dumb must not keep this runner from getting another.
    const dumb = setTimeout(close, leaseMs)
    try {
      await beat(sql, me, leaseMs, held)
      const unprepared = [...byName.keys()].filter((name) => !prepared.has(name))
      if (unprepared.length > 0) await prepareLeases(sql, unprepared)
      for (const name of unprepared) prepared.add(name)
      const view = await readLeases(sql, byName.keys())
      await settle(sql, view)
      // The server doesn't know of the lock any more: a pooler has closed the connection behind us.
      if (!view.runners.has(me.id)) close()
    } finally {
      clearTimeout(dumb)
    }
  }

  return {
    look,
    running: () => [...running.keys()].sort(),
    stop: async () => {
      for (const { abort } of running.values()) abort.abort()
      await Promise.all([...running.values()].map(({ ended }) => ended))
      try {
        await leave(pool, me.id)
      } finally {
        proof?.close()
      }
    },
  }
}
