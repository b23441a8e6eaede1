import { addMillis, type Instant } from '@portcullis/core'
import type { Dice } from '@portcullis/core/testing'
import type { GrantEvent } from '../events.ts'
import type { GrantCommand } from './grant.commands.ts'
import type { Operation } from './grant.state.ts'

// Workers that drive a grant, each a step at a time, so that anything may happen between two steps; and the target that
// they work on.

const OPERATION = 25_000
export const LEASE_MILLIS = 60_000

export interface Place {
  /** Does the target have the access? */
  target: boolean
  now: Instant
  /** Milliseconds that have gone by, whatever the clock did. */
  elapsed: number
  readonly send: (command: GrantCommand) => readonly GrantEvent[] | undefined
  /** The grant's `news` now. */
  readonly news: () => number
  /** What the target has somebody do by hand, and hasn't been done. */
  readonly tickets: Ticket[]
  /** Reports as sent, to be sent again. */
  readonly reports: GrantCommand[]
  readonly newId: () => string
}

interface Ticket {
  readonly operationId: string
  readonly operation: Operation
}

type Stage =
  | { readonly is: 'idle' }
  | { readonly is: 'looked'; readonly observed: boolean; readonly lookedAt: number }
  | { readonly is: 'started'; readonly operation: Operation }
  | { readonly is: 'done'; readonly report: GrantCommand }

export interface Worker {
  /** Does its next step; now and then it fails, or is killed and forgets all. */
  step(chance: Dice): void
}

const saying = (target: boolean) => (target ? 'present' : 'absent')

export const createWorker = (place: Place): Worker => {
  let stage: Stage = { is: 'idle' }
  let operationId = ''
  let since = 0
  // A call is given up long before its lease runs out.
  const inTime = () => place.elapsed - since <= OPERATION

  const problem = (chance: Dice) => ({
    operationId,
    code: 'x.down',
    message: 'down',
    transient: chance.chance(75),
    retryAfterMillis: chance.pick([null, null, 0, 90_000, 7_200_000]),
  })

  const look = (chance: Dice): Stage => {
    operationId = place.newId()
    since = place.elapsed
    const lookedAt = place.news()
    if (!chance.chance(10)) return { is: 'looked', observed: place.target, lookedAt }
    place.send({ type: 'ReportUnreachable', ...problem(chance) })
    return { is: 'idle' }
  }

  const start = (observed: boolean, lookedAt: number, takeOver: boolean): Stage => {
    const events = place.send({
      type: 'StartOperation',
      operationId,
      observed: saying(observed),
      lookedAt,
      leaseMillis: LEASE_MILLIS,
      takeOver,
    })
    const begun = events?.find(({ type }) => type === 'ProvisioningStarted.v2')
    return begun?.type === 'ProvisioningStarted.v2'
      ? { is: 'started', operation: begun.data.operation }
      : { is: 'idle' }
  }

  const act = (operation: Operation, chance: Dice): Stage => {
    if (inTime() && chance.chance(25)) {
      place.tickets.push({ operationId, operation })
      const until = addMillis(place.now, chance.pick([LEASE_MILLIS, 3_600_000]))
      return { is: 'done', report: { type: 'AwaitFulfilment', operationId, until } }
    }
    const applies = inTime() && chance.chance(85)
    if (applies) place.target = operation === 'grant'
    const answers = inTime() && chance.chance(80)
    const readBack = saying(place.target)
    return {
      is: 'done',
      report: answers
        ? { type: 'CompleteOperation', operationId, readBack, readAt: place.now }
        : { type: 'FailOperation', ...problem(chance) },
    }
  }

  const next = (chance: Dice): Stage => {
    if (stage.is !== 'idle' && chance.chance(8)) return { is: 'idle' }
    switch (stage.is) {
      case 'idle':
        return look(chance)
      case 'looked':
        return start(stage.observed, stage.lookedAt, chance.chance(20))
      case 'started':
        return act(stage.operation, chance)
      case 'done':
        place.reports.push(stage.report)
        place.send(stage.report)
        return { is: 'idle' }
      default:
        return stage satisfies never
    }
  }
  return {
    step: (chance) => {
      stage = next(chance)
    },
  }
}

/**
 * Somebody looks at a ticket and does what it says, sooner or later, or refuses. What is done while another operation
 * is at the target could be undone by it without anybody knowing; that is for the drift scan, so nobody does it here.
 */
export const workByHand = (
  place: Place,
  underWay: string | null,
  chance: Dice,
): GrantCommand | undefined => {
  const ticket = place.tickets[chance.int(0, Math.max(0, place.tickets.length - 1))]
  if (ticket === undefined) return undefined
  const { operationId, operation } = ticket
  if (underWay !== null && underWay !== operationId) return undefined
  place.tickets.splice(place.tickets.indexOf(ticket), 1)
  const outcome = chance.chance(80) ? 'done' : 'refused'
  if (outcome === 'done') place.target = operation === 'grant'
  return { type: 'ReportFulfilment', operationId, outcome, message: chance.pick([null, 'ok']) }
}

/** Time goes on, or the clock is set back. */
export const passTime = (place: Place, chance: Dice): void => {
  const millis = chance.pick([
    1,
    1_000,
    20_000,
    LEASE_MILLIS,
    LEASE_MILLIS + 1,
    3_600_000,
    7_200_000,
    -5_000,
    -LEASE_MILLIS,
  ])
  place.now = addMillis(place.now, millis)
  place.elapsed += Math.max(0, millis)
}
