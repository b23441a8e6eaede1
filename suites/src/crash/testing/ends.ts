import { addMillis, type RecordedEvent, START } from '@portcullis/core'
import { createDirectory } from '@portcullis/directory'
import { grantId, type PortcullisEvent } from '@portcullis/domain'
import { JOB_ROUTER, MAIL_REACTOR } from '@portcullis/engine'
import { createOutbox, mailsFor } from '@portcullis/notifications'
import type { Runtime } from '@portcullis/runtime'
import { readCheckpoints } from '@portcullis/subscriptions'
import { z } from 'zod'
import type { Driver } from './driver.ts'
import { finalRoles } from './organisation.ts'
import type { Story } from './stories.ts'

/** What isn't at its end yet, by kind; all zero once nothing is left to do. */
export interface Open {
  readonly mails: number
  readonly entitlements: number
  readonly grants: number
  readonly deadlines: number
  readonly behind: readonly string[]
}

/** Soon enough to be waited for; approvals and far ends are days away. */
const DUE_WITHIN_MILLIS = 120_000
const MANY = 10_000

export const whatIsOpen = async (runtime: Runtime): Promise<Open> => {
  const { store, views, pool, clock, projections } = runtime
  const head = await store.head()
  const soon = addMillis(clock.now(), DUE_WITHIN_MILLIS)
  const all = { updatedBefore: soon, now: soon, limit: MANY }
  const [counts, entitlements, astray, grants, deadlines, reactors, status] = await Promise.all([
    createOutbox(pool).counts(),
    views.unsettledEntitlements(all),
    views.astrayEntitlements({ ...all, among: 'newest' }),
    views.openGrants(),
    views.dueDeadlines(soon, MANY),
    readCheckpoints(pool, [JOB_ROUTER, MAIL_REACTOR]),
    projections.status(),
  ])
  return {
    mails: counts.queued + counts.sending,
    entitlements: entitlements.length + astray.ids.length,
    grants: grants.count,
    deadlines: deadlines.length,
    behind: [
      ...[...reactors].filter(([, { position }]) => position < head).map(([name]) => name),
      ...status.filter(({ position }) => BigInt(position) < head).map(({ name }) => name),
    ],
  }
}

export const NOTHING_OPEN: Open = { mails: 0, entitlements: 0, grants: 0, deadlines: 0, behind: [] }

const pageSchema = z.object({
  items: z.array(z.object({ id: z.string(), status: z.string() })),
  next: z.string().nullable(),
})

/** Every request and assignment, as the API shows it: id to status. */
export const shownEnds = async (driver: Driver): Promise<ReadonlyMap<string, string>> => {
  const ends = new Map<string, string>()
  for (const list of ['requests', 'assignments'] as const) {
    let cursor: string | null = null
    do {
      const more: string = cursor === null ? '' : `&cursor=${cursor}`
      const page = pageSchema.parse(await driver.get(`/v1/${list}?limit=200${more}`))
      for (const { id, status } of page.items) ends.set(id, status)
      cursor = page.next
    } while (cursor !== null)
  }
  return ends
}

/** Requests and assignments that are elsewhere than their story says, and those that no story knows. */
export const wrongEnds = (
  stories: readonly Story[],
  shown: ReadonlyMap<string, string>,
): readonly string[] => {
  const right = new Map<string, readonly string[]>(
    stories.flatMap(({ requests, assignments }) => [
      ...requests,
      ...assignments.map(([id, end]) => [id, [end]] as const),
    ]),
  )
  const wrong = [...right]
    .filter(([id, ends]) => !ends.includes(shown.get(id) ?? ''))
    .map(([id, ends]) => `${id} is ${shown.get(id) ?? 'missing'}, not ${ends.join(' or ')}`)
  const unknown = [...shown.keys()].filter((id) => !right.has(id))
  return [...wrong, ...unknown.map((id) => `${id} is nobody's`)]
}

/**
 * Grant ids that must be there when all stories are told, sorted: what the assignments that go on confer, each once.
 */
export const rightMemberships = (stories: readonly Story[]): readonly string[] => {
  const held = stories
    .filter(({ assignments }) => assignments.some(([, end]) => end === 'Delivered'))
    .flatMap(({ packageId, subjectId }) =>
      finalRoles(packageId).map(({ resourceId, roleId }) => grantId(resourceId, roleId, subjectId)),
    )
  return [...new Set(held)].sort()
}

export type LogEvents = readonly RecordedEvent<PortcullisEvent>[]

/** The whole log. */
export const readLog = async ({ store }: Runtime): Promise<LogEvents> => {
  const events: RecordedEvent<PortcullisEvent>[] = []
  let after = START
  for (;;) {
    const batch = await store.readAll({ after, limit: 1000 })
    // The codec only lets in what the schemas name.
    events.push(...(batch.events as LogEvents))
    after = batch.position
    if (batch.caughtUp) return events
  }
}

/** Ids of the mails that the log calls for: of several with one key, the first. */
export const rightMails = async (
  { store, pool }: Runtime,
  log: LogEvents,
): Promise<ReadonlySet<string>> => {
  const lookups = {
    history: (stream: string) => store.readStream(stream),
    directory: createDirectory(pool),
  }
  const byKey = new Map<string, string>()
  for (const event of log)
    for (const { key, id } of await mailsFor(event, lookups))
      if (!byKey.has(key)) byKey.set(key, id)
  return new Set(byKey.values())
}
