import type { NewJob } from '@portcullis/core'
import { z } from 'zod'

/** The queues, their jobs and what these carry. Jobs name things; what is to be done is read from the log when they run. */
export const QUEUES = {
  provision: 'provision',
  fanOut: 'fan-out',
  mail: 'mail',
  deadlines: 'deadlines',
} as const

/** Entitlements or grants in one job: big enough that the queue isn't the bottleneck, small enough to finish within a lease. */
export const CHUNK = 50

const ids = z.array(z.string().min(1).max(300)).min(1).max(1000)

export const jobSchemas = {
  reconcile: z.object({ entitlementIds: ids }),
  provision: z.object({ grantIds: ids }),
  fanOut: z.object({ packageId: z.string(), position: z.string() }),
  mail: z.object({ mailIds: ids }),
} as const

const chunks = <Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )

/** Background work gives way to what people wait for: absent is the most urgent. */
type Priority = Pick<NewJob, 'priority'>
export const BACKGROUND: Priority = { priority: 10 }

export const reconcileJobs = (
  entitlementIds: readonly string[],
  priority: Priority = {},
): readonly NewJob[] =>
  chunks([...new Set(entitlementIds)], CHUNK).map((chunk) => ({
    queue: QUEUES.provision,
    name: 'reconcile',
    data: { entitlementIds: chunk },
    ...priority,
  }))

export const provisionJobs = (
  grantIds: readonly string[],
  priority: Priority = {},
): readonly NewJob[] =>
  chunks([...new Set(grantIds)], CHUNK).map((chunk) => ({
    queue: QUEUES.provision,
    name: 'provision',
    data: { grantIds: chunk },
    ...priority,
  }))

/** Looks at one grant again at a set time: when its lease runs out. The time is in the key: a running job's key is still taken, and it may set the next one. */
export const laterProvisionJob = (grantId: string, runAt: string): NewJob => ({
  queue: QUEUES.provision,
  name: 'provision',
  data: { grantIds: [grantId] },
  key: `provision-later:${grantId}:${runAt}`,
  runAt,
})

export const fanOutJob = (packageId: string, position: string): NewJob => ({
  queue: QUEUES.fanOut,
  name: 'fan-out',
  data: { packageId, position },
  key: `fan-out:${packageId}:${position}`,
})

export const mailJobs = (mailIds: readonly string[]): readonly NewJob[] =>
  chunks(mailIds, CHUNK).map((chunk) => ({
    queue: QUEUES.mail,
    name: 'send',
    data: { mailIds: chunk },
  }))

/** Wakes the deadline handler at an instant; several deadlines of one instant share it. */
export const alarmJob = (dueAt: string): NewJob => ({
  queue: QUEUES.deadlines,
  name: 'fire',
  data: {},
  key: `alarm:${dueAt}`,
  runAt: dueAt,
})

/** Looks at one mail again when its next try is due. */
export const laterMailJob = (id: string, runAt: string): NewJob => ({
  queue: QUEUES.mail,
  name: 'send',
  data: { mailIds: [id] },
  key: `mail-later:${id}:${runAt}`,
  runAt,
})

export const SWEEP_JOB = {
  queue: QUEUES.deadlines,
  name: 'sweep',
  data: {},
  key: 'sweep',
} as const satisfies NewJob

/** A sweep right now: a schedule that is there already keeps its next time. */
export const SWEEP_NOW = {
  queue: QUEUES.deadlines,
  name: 'sweep',
  data: {},
} as const satisfies NewJob
