import type { NewJob } from '@portcullis/core'
import type { AssignmentView } from '@portcullis/views'
import { describe, expect, it } from 'vitest'
import { ViewsLagging } from './application.ts'
import { fanOut } from './fanOut.ts'

const never = new AbortController().signal

const ASSIGNMENT: AssignmentView = {
  id: 'p.alice.a1',
  entitlementId: 'p.alice',
  packageId: 'p',
  subjectId: 'alice',
  requestId: 'p.alice.r1',
  policyId: 'standard',
  policyVersion: 1,
  status: 'Delivered',
  startAt: '2026-06-01T08:00:00.000Z',
  endAt: null,
  endVersion: 1,
  endedAt: null,
  settled: true,
  rolesVersion: 1,
  updatedAt: '2026-06-01T08:00:00.000Z',
}

/** Only what a fan-out asks of the views: pages of assignments. */
const world = (pages: readonly (readonly string[])[], reached = true) => {
  const waited: unknown[] = []
  const asked: (string | null)[] = []
  const queued: NewJob[] = []
  const page = (index: number) => ({
    items: (pages[index] ?? []).map((entitlementId) => ({ ...ASSIGNMENT, entitlementId })),
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
      activeAssignmentsOfPackage: async (_packageId: string, after: string | null) => {
        asked.push(after)
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

describe('fanOut (S5, S6)', () => {
  it('queues everybody, page by page, once the view has the package’s event', async () => {
    const people = Array.from({ length: 120 }, (_, index) => `p.person-${index}`)
    const { dependencies, waited, asked, queued } = world([people.slice(0, 60), people.slice(60)])
    expect(await fanOut(dependencies, 'p', '42', never)).toBe(120)
    expect(waited).toEqual([['entitlements', 42n]])
    expect(asked).toEqual([null, '1'])
    expect(queued.flatMap(({ data }) => data.entitlementIds)).toEqual(people)
    expect(queued.every(({ name, priority }) => name === 'reconcile' && priority === 10)).toBe(true)
  })

  it('queues nobody while the view lags behind: the job is tried again', async () => {
    const { dependencies, queued } = world([['p.alice']], false)
    await expect(fanOut(dependencies, 'p', '42', never)).rejects.toThrow(ViewsLagging)
    expect(queued).toEqual([])
  })

  it('stops between two pages when it is told to', async () => {
    const { dependencies, asked } = world([['p.alice'], ['p.anna']])
    expect(await fanOut(dependencies, 'p', '42', AbortSignal.abort())).toBe(1)
    expect(asked).toEqual([null])
  })
})
