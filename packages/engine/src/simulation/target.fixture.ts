import type { Dice } from '@portcullis/core/testing'
import {
  type Access,
  absent,
  type Connector,
  ConnectorError,
  present,
} from '@portcullis/provisioning'
import type { Task } from './tasks.fixture.ts'

/**
 * A target system that fails in every way that it can: not at all reachable, refusing, doing what it was asked and then
 * failing, slow.
 */
export interface SimulatedTarget {
  /** The connector as one task has it; a step of the task ends before and after each call. */
  connectorOf(gate: Task['gate']): Connector
  /** Grant ids: `git.member.alice`. */
  readonly held: ReadonlySet<string>
  /** Every call of the engine, also those that failed. */
  readonly calls: () => number
  /** Out of reach, until it is called again. */
  toggleReach(): void
  /** From now on it does what it is asked. */
  mend(): void
}

export interface TargetOptions {
  readonly before: readonly string[]
  readonly chance: Dice
  /** Milliseconds gone by. */
  readonly elapsed: () => number
  readonly pass: (millis: number) => void
  /** A caller gives up after so many milliseconds since its first call. */
  readonly operationMillis: number
  /** Told of what really changed. */
  readonly changed: (what: 'granted' | 'revoked', grantId: string) => void
}

const problem = (code: string, transient: boolean, retryAfterMillis?: number): ConnectorError =>
  new ConnectorError(`target.${code}`, `the target is ${code}`, {
    transient,
    ...(retryAfterMillis === undefined ? {} : { retryAfterMillis }),
  })

export const createTarget = (options: TargetOptions): SimulatedTarget => {
  const { chance, elapsed, pass, operationMillis } = options
  const held = new Set(options.before)
  /** Each operation comes with a signal of its own: when it began. */
  const begun = new WeakMap<AbortSignal, number>()
  let reachable = true
  let mended = false
  let calls = 0

  const giveUpInTime = (signal: AbortSignal): void => {
    const since = begun.get(signal) ?? elapsed()
    begun.set(signal, since)
    if (elapsed() - since > operationMillis) throw problem('too-slow', true)
  }
  const call = async <Result>(
    gate: Task['gate'],
    signal: AbortSignal,
    work: () => Result,
  ): Promise<Result> => {
    calls += 1
    if (mended) return work()
    await gate()
    giveUpInTime(signal)
    if (!reachable) throw problem('out-of-reach', true)
    const fate = chance.int(1, 100)
    if (fate <= 6) throw problem('failing', true, chance.pick([undefined, 0, 120_000]))
    if (fate <= 8) throw problem('refusing', false)
    const result = work()
    if (fate <= 12) throw problem('confused', true)
    if (fate <= 15) pass(chance.pick([5_000, operationMillis + 1]))
    giveUpInTime(signal)
    await gate()
    return result
  }
  const idOf = ({ resource, role, subject }: Access): string =>
    `${resource.id}.${role.id}.${subject.id}`

  return {
    held,
    calls: () => calls,
    toggleReach: () => {
      reachable = !reachable
    },
    mend: () => {
      reachable = true
      mended = true
    },
    connectorOf: (gate) => {
      const readBack: Connector['readBack'] = (access, signal) =>
        call(gate, signal, () => (held.has(idOf(access)) ? present() : absent()))
      const grant: Connector['grant'] = (access, signal) =>
        call(gate, signal, () => {
          const id = idOf(access)
          if (!held.has(id)) options.changed('granted', id)
          held.add(id)
          return undefined
        })
      const revoke: Connector['revoke'] = (access, signal) =>
        call(gate, signal, () => {
          const id = idOf(access)
          if (held.delete(id)) options.changed('revoked', id)
          return undefined
        })
      return {
        name: 'main',
        probe: async () => {},
        close: async () => {},
        readBack,
        grant,
        revoke,
        many: {
          most: 3,
          readBack: (all, signal) => each(all, (access) => readBack(access, signal)),
          grant: (all, signal) => each(all, ({ access }) => grant(access, signal)),
          revoke: (all, signal) => each(all, ({ access }) => revoke(access, signal)),
        },
      }
    },
  }
}

/** One after the other, each with a fate of its own: an error is that one's answer. */
const each = async <Asked, Answer>(
  all: readonly Asked[],
  ask: (one: Asked) => Promise<Answer>,
): Promise<readonly (Answer | ConnectorError)[]> => {
  const answers: (Answer | ConnectorError)[] = []
  for (const one of all)
    answers.push(
      await ask(one).catch((error: unknown) => {
        if (error instanceof ConnectorError) return error
        throw error
      }),
    )
  return answers
}
