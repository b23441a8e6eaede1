import { deriveId, eventId, type NewEvent, NO_STREAM, type StreamAppend } from '@portcullis/core'
import type { PortcullisEvent } from '@portcullis/domain'
import { exampleTerms } from '@portcullis/domain/testing'
import type { RunningParts, Runtime } from '@portcullis/runtime'
import { type Contender, perSecond } from './harness.ts'

/** As many appends as a wave of the catch-up may have. */
const WAVE = 500

/**
 * Assignments whose end is past: caught up by a sweep, against the bare append of as many events, one a stream and as
 * many at a time.
 * @param count of overdue ends in a round
 */
export const createOverdue = (
  { runtime, parts }: { readonly runtime: Runtime; readonly parts: RunningParts },
  count: number,
): { readonly catchUp: Contender; readonly bare: Contender } => {
  const { store, clock, projections } = runtime
  const now = clock.now()
  const endAt = (index: number): string => new Date(Date.parse(now) - count + index).toISOString()
  let rounds = 0

  const append = (stream: string, ...events: readonly PortcullisEvent[]): StreamAppend => {
    const commandId = deriveId('bench', stream)
    const metadata: NewEvent['metadata'] = {
      commandId,
      correlationId: commandId,
      actor: { kind: 'system', id: 'engine' },
      at: now,
    }
    return {
      stream,
      expected: NO_STREAM,
      events: events.map((event, index) => ({
        ...event,
        id: eventId(commandId, stream, index),
        metadata,
      })),
    }
  }
  /** The next contender shall find the machine at rest. */
  const caughtUp = async (): Promise<void> => {
    if (!(await projections.waitFor(await store.head(), 120_000)))
      throw new Error('the views fell behind')
  }
  const inWaves = async (appends: readonly StreamAppend[]): Promise<void> => {
    for (let from = 0; from < appends.length; from += WAVE)
      await store.appendAll(appends.slice(from, from + WAVE))
  }
  const many = (make: (subjectId: string, index: number) => StreamAppend) => {
    rounds += 1
    return Array.from({ length: count }, (_, index) => make(`overdue-${rounds}-${index}`, index))
  }

  return {
    bare: {
      name: 'bare append of as many',
      unit: 'events/s',
      run: async () => {
        const catalogs = many((catalogId) =>
          append(`catalog-${catalogId}`, {
            type: 'CatalogCreated.v1',
            data: { catalogId, displayName: 'As long as an end', description: '', ownerId: null },
          }),
        )
        const value = await perSecond(count, () => inWaves(catalogs))
        await caughtUp()
        return value
      },
    },
    catchUp: {
      name: 'catch-up of ends',
      unit: 'deadlines/s',
      run: async () => {
        const begun = many((subjectId, index) =>
          append(`entitlement-package-0.${subjectId}`, ...started(subjectId, now, endAt(index))),
        )
        await inWaves(begun)
        await caughtUp()
        let fired = 0
        const perSecondFired = await perSecond(count, async () => {
          fired = (await parts.worker.sweep(new AbortController().signal)).fired
        })
        if (fired !== count) throw new Error(`${fired} of ${count} fired`)
        await caughtUp()
        return perSecondFired
      },
    },
  }
}

const policy = { policyId: 'standard', policyVersion: 1 }
const idsOf = (subjectId: string) => ({
  requestId: `package-0.${subjectId}.r1`,
  assignmentId: `package-0.${subjectId}.a1`,
  packageId: 'package-0',
  subjectId,
})

const started = (subjectId: string, now: string, endAt: string): readonly PortcullisEvent[] => {
  const { requestId, assignmentId, ...where } = idsOf(subjectId)
  return [
    {
      type: 'RequestSubmitted.v1',
      data: {
        ...policy,
        ...where,
        requestId,
        kind: 'new',
        requestorId: subjectId,
        terms: exampleTerms(),
        basis: { kind: 'group', id: 'eng' },
        justification: null,
        startAt: null,
        endAt: null,
        assignmentId: null,
        approval: null,
      },
    },
    { type: 'RequestAutoApproved.v1', data: { requestId, reason: 'policy-without-approval' } },
    {
      type: 'AssignmentStarted.v1',
      data: {
        ...policy,
        ...where,
        requestId,
        assignmentId,
        startedAt: now,
        endAt,
        endVersion: 1,
        reminders: [],
      },
    },
  ]
}
