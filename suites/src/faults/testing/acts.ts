import type { Clock, Instant } from '@portcullis/core'
import { addMillis, deriveId } from '@portcullis/core'
import { entitlementId, grantId, type ResourceRoleRef } from '@portcullis/domain'
import type { Caller, CommandAnswer, OutsideCommand } from '@portcullis/engine'
import type { Random } from '../../crash/testing/random.ts'
import { createPackage, type Package, people } from './organisation.ts'

const UPSTREAM: Caller = {
  actor: { kind: 'service', id: 'upstream' },
  directoryRoles: ['UserAdministrator'],
}
const MINUTE = 60_000

export interface Sent {
  readonly command: OutsideCommand
  readonly commandId: string
  readonly result: string
}

/** What is asked of the engine, and so what must be there in the end. */
export interface Acts {
  readonly caller: Caller
  create(packages: readonly Package[]): Promise<void>
  /** Draws and sends so many: assignments, some with an end within the hour, removals, and roles that come or go. */
  act(times: number): Promise<void>
  /** Assignments that go on at `now`: `<package>.<person>`, sorted. */
  assignments(now: Instant): readonly string[]
  /** What they confer, each once: grant ids, sorted. */
  memberships(now: Instant): readonly string[]
  readonly sent: readonly Sent[]
}

interface Assigned {
  readonly assignmentId: string
  readonly packageId: string
  readonly personId: string
  readonly endAt: Instant | null
}

type Execute = (
  command: OutsideCommand,
  envelope: { readonly commandId: string; readonly caller: Caller },
) => Promise<CommandAnswer>

export interface Sender extends Pick<Acts, 'caller' | 'sent'> {
  /** @throws Error with the refusal */
  send(command: OutsideCommand): Promise<Extract<CommandAnswer, { ok: true }>['result']>
}

/** Sends as the service that may do all this, and keeps what it sent. */
export const createSender = (execute: Execute): Sender => {
  const sent: Sent[] = []
  return {
    caller: UPSTREAM,
    sent,
    send: async (command) => {
      const commandId = deriveId('faults', String(sent.length), JSON.stringify(command))
      const answer = await execute(command, { commandId, caller: UPSTREAM })
      if (!answer.ok) throw new Error(`${JSON.stringify(command)}: ${answer.refusal.message}`)
      sent.push({ command, commandId, result: JSON.stringify(answer.result) })
      return answer.result
    },
  }
}

export const createActs = (
  execute: Execute,
  random: Random,
  clock: Clock,
  changing: readonly ResourceRoleRef[],
): Acts => {
  const packages = new Map<string, ResourceRoleRef[]>()
  const assigned = new Map<string, Assigned>()
  const { send, sent, caller } = createSender(execute)
  const goesOn = ({ endAt }: Assigned, now: Instant): boolean => endAt === null || endAt > now
  const ongoing = (now: Instant) => [...assigned].filter(([, one]) => goesOn(one, now))

  const assign = async (): Promise<void> => {
    const packageId = random.pick([...packages.keys()])
    const personId = random.pick(people).id
    const key = entitlementId(packageId, personId)
    // Who had it before may get it again, but only when nothing of before is left to happen.
    if (assigned.has(key)) return
    const endAt = random.int(1, 3) === 1 ? addMillis(clock.now(), random.int(5, 50) * MINUTE) : null
    const policyId = `${packageId}-open`
    const { assignmentId } = await send({
      type: 'AssignDirectly',
      packageId,
      subjectId: personId,
      policyId,
      startAt: null,
      endAt,
      justification: null,
    })
    assigned.set(key, { assignmentId: assignmentId ?? '', packageId, personId, endAt })
  }

  const remove = async (): Promise<void> => {
    // One that ends on its own is left to it: it may have ended while this is sent.
    const candidates = ongoing(clock.now()).filter(([, { endAt }]) => endAt === null)
    if (candidates.length === 0) return assign()
    const [key, { assignmentId }] = random.pick(candidates)
    await send({ type: 'RemoveAssignment', assignmentId, justification: null })
    assigned.delete(key)
  }

  const changeRole = async (): Promise<void> => {
    const packageId = random.pick([...packages.keys()])
    const role = random.pick(changing)
    const roles = packages.get(packageId) ?? []
    const has = roles.some(({ resourceId }) => resourceId === role.resourceId)
    await send({ type: has ? 'RemoveResourceRole' : 'AddResourceRole', packageId, ...role })
    packages.set(
      packageId,
      has ? roles.filter(({ resourceId }) => resourceId !== role.resourceId) : [...roles, role],
    )
  }

  return {
    caller,
    sent,
    create: async (all) => {
      for (const each of all) {
        packages.set(each.id, [...each.roles])
        await send(createPackage(each))
      }
    },
    act: async (times) => {
      for (let n = 0; n < times; n += 1) {
        const drawn = random.int(1, 10)
        if (drawn <= 6) await assign()
        else if (drawn <= 9) await remove()
        else await changeRole()
      }
    },
    assignments: (now) =>
      ongoing(now)
        .map(([key]) => key)
        .sort(),
    memberships: (now) => {
      const held = ongoing(now).flatMap(([, { packageId, personId }]) =>
        (packages.get(packageId) ?? []).map(({ resourceId, roleId }) =>
          grantId(resourceId, roleId, personId),
        ),
      )
      return [...new Set(held)].sort()
    },
  }
}
