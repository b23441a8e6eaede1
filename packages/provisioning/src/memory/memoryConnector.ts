import { type Access, absent, type Connector, type ManyAtOnce, present } from '../connector.ts'
import { holdersIn, lineOf } from '../file/membership.ts'
import { checkMost } from '../many.ts'

/** A line of what a memory connector holds. */
export interface MemoryMembership {
  readonly resource: string
  readonly role: string
  readonly subject: string
}

export interface MemoryConnector extends Connector {
  readonly many: ManyAtOnce
  /** Every call throws this from now on; null: back to work. */
  failWith(error: Error | null): void
  memberships(): readonly MemoryMembership[]
  /** How many memberships there are. */
  size(): number
}

/** Most accesses of a call. */
const MOST = 1000

/** A target in memory, for specs, benches and the time-lapse. */
export const createMemoryConnector = (options: { readonly name: string }): MemoryConnector => {
  // By resource and role: hundreds of thousands of memberships take little room.
  const subjects = new Map<string, { readonly place: Place; readonly held: Set<string> }>()
  let failure: Error | null = null

  const check = (signal?: AbortSignal): void => {
    signal?.throwIfAborted()
    if (failure !== null) throw failure
  }
  const heldAt = ({ resource, role }: Place): Set<string> => {
    const key = JSON.stringify([resource, role])
    const there = subjects.get(key) ?? { place: { resource, role }, held: new Set<string>() }
    subjects.set(key, there)
    return there.held
  }
  const has = (access: Access): boolean => heldAt(lineOf(access)).has(access.subject.id)
  const add = (access: Access): void => {
    heldAt(lineOf(access)).add(access.subject.id)
  }
  const remove = (access: Access): void => {
    heldAt(lineOf(access)).delete(access.subject.id)
  }
  function* lines(): Generator<MemoryMembership, void> {
    for (const { place, held } of subjects.values())
      for (const subject of held) yield { ...place, subject }
  }

  return {
    name: options.name,
    failWith: (error) => {
      failure = error
    },
    memberships: () => [...lines()],
    size: () => [...subjects.values()].reduce((sum, { held }) => sum + held.size, 0),
    probe: async () => check(),
    readBack: async (access, signal) => {
      check(signal)
      return has(access) ? present() : absent()
    },
    grant: async (access, signal) => {
      check(signal)
      add(access)
    },
    revoke: async (access, signal) => {
      check(signal)
      remove(access)
    },
    many: {
      most: MOST,
      readBack: async (accesses, signal) => {
        checkMost(accesses, MOST)
        check(signal)
        return accesses.map((access) => (has(access) ? present() : absent()))
      },
      grant: async (operations, signal) => {
        checkMost(operations, MOST)
        check(signal)
        for (const { access } of operations) add(access)
        return operations.map(() => undefined)
      },
      revoke: async (operations, signal) => {
        checkMost(operations, MOST)
        check(signal)
        for (const { access } of operations) remove(access)
        return operations.map(() => undefined)
      },
    },
    async *holders(role, signal) {
      check(signal)
      yield* holdersIn(lines(), role, signal)
    },
    close: async () => {},
  }
}

type Place = Pick<MemoryMembership, 'resource' | 'role'>
