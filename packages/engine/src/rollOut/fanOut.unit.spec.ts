import { randomUUID } from 'node:crypto'
import { createCommandHandler, type NewJob, NO_STREAM } from '@portcullis/core'
import { fakeClock } from '@portcullis/core/testing'
import { type AccessPackageEvent, eventSchemas, eventUpcasters } from '@portcullis/domain'
import { createCodec, createMemoryEventStore } from '@portcullis/event-store'
import type { RolesVersion } from '@portcullis/views'
import { describe, expect, it } from 'vitest'
import { createStates } from '../facts/states.ts'
import { ViewsLagging } from '../viewsLagging.ts'
import { endWithPackage, fanOut, rollOut } from './fanOut.ts'

const never = new AbortController().signal

/** Only what a fan-out asks of the views: pages of assignments. */
const worldOf = (pages: readonly (readonly string[])[], reached = true) => {
  const waited: unknown[] = []
  const asked: (number | string | null)[] = []
  const queued: NewJob[] = []
  const page = (index: number) => ({
    items: pages[index] ?? [],
    next: index + 1 < pages.length ? String(index + 1) : null,
  })
  const dependencies = {
    projections: {
      waitForView: async (name: string, position: bigint) => {
        waited.push([name, position])
        return reached
      },
    },
    views: {
      assignmentsBehind: async (what: RolesVersion, after: string | null) => {
        asked.push(what.version, after)
        return page(Number(after ?? 0))
      },
    },
    jobs: {
      enqueue: async (jobs: readonly NewJob[]) => {
        queued.push(...jobs)
      },
    },
  }
  return { dependencies, waited, asked, queued }
}

describe('endWithPackage (S24)', () => {
  const open = (ids: readonly string[], reached = true) => {
    const { dependencies, waited, queued } = worldOf([], reached)
    const openEntitlementsOfPackage = async (_id: string, after: string | null, limit: number) =>
      ids.filter((id) => after === null || id > after).slice(0, limit)
    const views = { openEntitlementsOfPackage }
    return { dependencies: { ...dependencies, views }, waited, queued }
  }

  it('queues everybody with something open, page by page, once the view has the deletion', async () => {
    const ids = Array.from({ length: 1001 }, (_, index) => `p.person-${1000 + index}`)
    const { dependencies, waited, queued } = open(ids)
    expect(await endWithPackage(dependencies, 'p', '42', never)).toBe(1001)
    expect(waited).toEqual([['entitlements', 42n]])
    expect(queued.flatMap(({ data }) => data.entitlementIds)).toEqual(ids)
  })

  it('is tried again while the view lags behind', async () => {
    const { dependencies, queued } = open(['p.alice'], false)
    await expect(endWithPackage(dependencies, 'p', '42', never)).rejects.toThrow(ViewsLagging)
    expect(queued).toEqual([])
  })
})

/** A package with two roles, and what was done about the second one's roll-out. */
const packageWith = async (
  world: ReturnType<typeof worldOf>,
  ...events: readonly AccessPackageEvent[]
) => {
  const store = createMemoryEventStore({ codec: createCodec(eventSchemas, eventUpcasters) })
  const names = { catalogId: 'c', displayName: 'P', description: '', hidden: false }
  const handle = createCommandHandler({ store, clock: fakeClock(NOW) })
  const append = async (...more: readonly AccessPackageEvent[]) => {
    const history = await store.readStream('accessPackage-p')
    const metadata = { commandId: 'c', correlationId: 'c', actor: SYSTEM, at: NOW }
    await store.append(
      'accessPackage-p',
      history.at(-1)?.revision ?? NO_STREAM,
      more.map((event) => ({ ...event, id: randomUUID(), metadata })),
    )
  }
  await append(
    { type: 'AccessPackageCreated.v1', data: { packageId: 'p', ...names } },
    roleAdded(1),
    ...events,
  )
  const types = async () => (await store.readStream('accessPackage-p')).map(({ type }) => type)
  const told: string[] = []
  return {
    ...world.dependencies,
    states: createStates(store),
    handle,
    newId: randomUUID,
    log: { error: () => told.push('an error') },
    onWithoutEffect: (command: string) => told.push(command),
    append,
    types,
    told,
  }
}
const NOW = '2026-06-01T08:00:00.000Z'
const SYSTEM = { kind: 'system', id: 'spec' } as const
const roleAdded = (rolesVersion: number): AccessPackageEvent => ({
  type: 'ResourceRoleAdded.v1',
  data: { packageId: 'p', resourceId: 'wiki', roleId: `r${rolesVersion}`, rolesVersion },
})
const went = (
  what: 'Queued' | 'Held' | 'Started' | 'Paused' | 'Resumed',
  rolesVersion = 2,
): AccessPackageEvent => ({ type: `RollOut${what}.v1`, data: { packageId: 'p', rolesVersion } })

describe('rollOut (S5, S6)', () => {
  it('says that it starts, then queues everybody, page by page, once the view is that far', async () => {
    const people = Array.from({ length: 120 }, (_, index) => `p.person-${index}`)
    const world = worldOf([people.slice(0, 60), people.slice(60)])
    const dependencies = await packageWith(world, went('Queued'), roleAdded(2))
    expect(await rollOut(dependencies, 'p', '3', never)).toBe(120)
    expect((await dependencies.types()).at(-1)).toBe('RollOutStarted.v1')
    expect(world.waited).toEqual([['entitlements', 5n]])
    expect(world.asked).toEqual([2, null, 2, '1'])
    expect(world.queued.flatMap(({ data }) => data.entitlementIds)).toEqual(people)
    expect(
      world.queued.every(({ name, queue }) => name === 'reconcile' && queue === 'roll-out'),
    ).toBe(true)
  })

  it('goes on with what it began, and leaves alone what another one did', async () => {
    const world = worldOf([['p.alice']])
    const dependencies = await packageWith(world, went('Queued'), roleAdded(2))
    expect(await rollOut(dependencies, 'p', '3', never)).toBe(1)
    expect(await rollOut(dependencies, 'p', '3', never)).toBe(1)
    expect(await rollOut(dependencies, 'p', '4', never)).toBeUndefined()
    expect(await dependencies.types()).toHaveLength(5)
    expect(dependencies.told).toEqual([])
  })

  it('starts under a new id, and says so, when it is told to have started and the log doesn’t show it', async () => {
    const world = worldOf([['p.alice']])
    const dependencies = await packageWith(world, went('Queued'), roleAdded(2))
    let first = true
    /** Says of the first command that it was done before. */
    const handle: typeof dependencies.handle = async (options) => {
      if (!first) return dependencies.handle(options)
      first = false
      const state = options.decider.initialState()
      return { ok: true, events: [], state, position: 4n, revision: 3n, repeated: true }
    }
    expect(await rollOut({ ...dependencies, handle }, 'p', '3', never)).toBe(1)
    expect((await dependencies.types()).at(-1)).toBe('RollOutStarted.v1')
    expect(dependencies.told).toEqual(['an error', 'StartRollOut'])
  })

  it('does not start what is held back, paused or gone', async () => {
    const world = worldOf([['p.alice']])
    const gone: AccessPackageEvent = { type: 'AccessPackageDeleted.v1', data: { packageId: 'p' } }
    for (const events of [
      [went('Held'), roleAdded(2)],
      [went('Queued'), roleAdded(2), went('Paused')],
      [went('Queued'), roleAdded(2), gone],
    ]) {
      const dependencies = await packageWith(world, ...events)
      expect(await rollOut(dependencies, 'p', '3', never)).toBeUndefined()
    }
    expect(world.queued).toEqual([])
  })
})

describe('fanOut (S5, S6)', () => {
  const started = [went('Queued'), roleAdded(2), went('Started')]

  it('queues nobody while the view lags behind: the job is tried again', async () => {
    const world = worldOf([['p.alice']], false)
    const dependencies = await packageWith(world, ...started)
    await expect(fanOut(dependencies, 'p', '42', never)).rejects.toThrow(ViewsLagging)
    expect(world.queued).toEqual([])
  })

  it('stops between two pages when it is told to', async () => {
    const world = worldOf([['p.alice'], ['p.anna']])
    const dependencies = await packageWith(world, ...started)
    expect(await fanOut(dependencies, 'p', '42', AbortSignal.abort())).toBe(1)
    expect(world.asked).toEqual([2, null])
  })

  it('stops between two pages when it is paused, and goes on when it is resumed', async () => {
    const world = worldOf([['p.alice'], ['p.anna']])
    const dependencies = await packageWith(world, ...started)
    const enqueue = async (jobs: readonly NewJob[]) => {
      if (world.queued.length === 0) await dependencies.append(went('Paused'))
      await world.dependencies.jobs.enqueue(jobs)
    }
    expect(await fanOut({ ...dependencies, jobs: { enqueue } }, 'p', '42', never)).toBe(1)
    await dependencies.append(went('Resumed'))
    expect(await fanOut(dependencies, 'p', '42', never)).toBe(2)
  })
})
