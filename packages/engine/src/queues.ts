import { fromMillis, type Instant, type NewJob, type TraceOrigin, toMillis } from '@portcullis/core'
import { z } from 'zod'

/**
 * The queues, their jobs and what these carry. Jobs name things; what is to be done is read from the log when they run.
 */
export const QUEUES = {
  provision: 'provision',
  rollOut: 'roll-out',
  fanOut: 'fan-out',
  mail: 'mail',
  deadlines: 'deadlines',
  drift: 'drift',
} as const

/**
 * Which queue the work on access goes through, and how much of it is in one job: big enough that the queue isn't the
 * bottleneck, small enough to finish within a lease.
 */
export interface Lane {
  readonly queue: string
  readonly chunk: number
}
/** What people wait for. */
export const ORDINARY: Lane = { queue: QUEUES.provision, chunk: 50 }
/**
 * What changes for many at once, and what a sweep finds: gives way, and never stands in front of what people wait for.
 */
export const ROLL_OUT: Lane = { queue: QUEUES.rollOut, chunk: 125 }
/** The lane of a job's queue. */
export const laneOf = (queue: string): Lane => (queue === ROLL_OUT.queue ? ROLL_OUT : ORDINARY)

/** Mails in one job. */
const MAILS = 50

const ids = z.array(z.string().min(1).max(300)).min(1).max(1000)

export const jobSchemas = {
  reconcile: z.object({ entitlementIds: ids }),
  provision: z.object({ grantIds: ids }),
  fanOut: z.object({ packageId: z.string(), position: z.string() }),
  mail: z.object({ mailIds: ids }),
  /** The second that the alarm was set for; absent when something was due at once. */
  fire: z.object({ second: z.string().optional() }),
  drift: z.object({ resourceId: z.string() }),
} as const

const chunks = <Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )

export const reconcileJobs = (
  entitlementIds: readonly string[],
  { queue, chunk }: Lane = ORDINARY,
): readonly NewJob[] =>
  chunks([...new Set(entitlementIds)], chunk).map((ids) => ({
    queue,
    name: 'reconcile',
    data: { entitlementIds: ids },
  }))

export const provisionJobs = (
  grantIds: readonly string[],
  { queue, chunk }: Lane = ORDINARY,
): readonly NewJob[] =>
  chunks([...new Set(grantIds)], chunk).map((ids) => ({
    queue,
    name: 'provision',
    data: { grantIds: ids },
  }))

/** Goes on with grants of which somebody has said how work by hand went. */
export const afterReportJobs = (grantIds: readonly string[]): readonly NewJob[] =>
  provisionJobs(grantIds).map((job) => ({ ...job, name: 'after-report' }))

/** A grant, and when to look at it again: its lease has run out then, or its target may be called. */
export interface LookAgain {
  readonly grantId: string
  readonly at: string
}

/**
 * Looks at grants again at set times. The time is in the key: a running job's key is still taken, and it may set the
 * next one.
 */
export const laterProvisionJobs = (looks: readonly LookAgain[]): readonly NewJob[] =>
  [...Map.groupBy(looks, ({ at }) => at)].flatMap(([runAt, group]) =>
    // In order: coming to the same grants once more asks for the same jobs.
    chunks([...new Set(group.map(({ grantId }) => grantId))].sort(), ORDINARY.chunk).map(
      (grantIds) => ({
        queue: QUEUES.provision,
        name: 'provision',
        data: { grantIds },
        key: `provision-later:${runAt}:${grantIds.join(' ')}`,
        runAt,
      }),
    ),
  )

/** Starts what waits to be rolled out, and takes it to everybody who has the package. */
export const rollOutJob = (packageId: string, position: string): NewJob => ({
  queue: QUEUES.fanOut,
  name: 'roll-out',
  data: { packageId, position },
  key: `roll-out:${packageId}:${position}`,
})

/** Takes what has started to roll out to everybody whom it hasn't reached, after a pause. */
export const fanOutJob = (packageId: string, position: string): NewJob => ({
  queue: QUEUES.fanOut,
  name: 'fan-out',
  data: { packageId, position },
  key: `fan-out:${packageId}:${position}`,
})

/** Ends what the package left behind when it was deleted (S24). */
export const endWithPackageJob = (packageId: string, position: string): NewJob => ({
  queue: QUEUES.fanOut,
  name: 'end-with-package',
  data: { packageId, position },
  key: `end-with-package:${packageId}`,
})

export const mailJobs = (
  mailIds: readonly string[],
  originsOf: (mailId: string) => readonly TraceOrigin[] = () => [],
): readonly NewJob[] =>
  chunks(mailIds, MAILS).map((chunk) => ({
    queue: QUEUES.mail,
    name: 'send',
    data: { mailIds: chunk },
    ...originsFor(chunk.flatMap(originsOf)),
  }))

const originsFor = (origins: readonly TraceOrigin[]): Pick<NewJob, 'origins'> =>
  origins.length === 0 ? {} : { origins }

/** The whole second at which an alarm for this instant rings: never before it, and less than a second later. */
export const alarmSecond = (dueAt: Instant): Instant =>
  fromMillis(Math.ceil(toMillis(dueAt) / 1000) * 1000)

/**
 * Wakes the deadline handler. All deadlines of a second share one alarm, so that the queue holds no more of them than
 * the horizon has seconds.
 * @param second as of {@link alarmSecond}
 */
export const alarmJob = (second: Instant): NewJob => ({
  queue: QUEUES.deadlines,
  name: 'fire',
  data: { second },
  key: `alarm:${second}`,
  runAt: second,
})

/**
 * The same alarm once more, when it rang early at `now`, by clocks that differ. Its own key is still taken while it
 * runs.
 */
export const alarmAgain = (second: Instant, now: Instant): NewJob => ({
  ...alarmJob(second),
  key: `alarm:${second}:${now}`,
})

/** Fires what is due already. Without a key: a job that runs may have looked before. */
export const FIRE_NOW = {
  queue: QUEUES.deadlines,
  name: 'fire',
  data: {},
} as const satisfies NewJob

/** Sends mails: those that are due at once, each of the others when it is. */
export const newMailJobs = (
  mails: readonly {
    readonly id: string
    readonly dueAt: string
    readonly origins?: readonly TraceOrigin[]
  }[],
  now: string,
): readonly NewJob[] => {
  const origins = new Map(mails.map((mail) => [mail.id, mail.origins ?? []]))
  return [
    ...mailJobs(
      mails.filter(({ dueAt }) => dueAt <= now).map(({ id }) => id),
      (id) => origins.get(id) ?? [],
    ),
    ...mails
      .filter(({ dueAt }) => dueAt > now)
      .map(({ id, dueAt }) => ({
        ...laterMailJob(id, dueAt),
        ...originsFor(origins.get(id) ?? []),
      })),
  ]
}

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

/** Runs the queued scans of a resource: one job at a time, of all resources one after the other. */
export const driftScanJob = (resourceId: string): NewJob => ({
  queue: QUEUES.drift,
  name: 'scan',
  data: { resourceId },
  key: `scan:${resourceId}`,
})

/** Checks the promises on the log. On the queue of scans: it takes long, and nobody waits for it. */
export const CHECK_PROMISES_JOB = {
  queue: QUEUES.drift,
  name: 'check-promises',
  data: {},
  key: 'check-promises',
} as const satisfies NewJob

/** Finds the scans that are due. Not on the queue of the scans themselves: it would wait behind them. */
export const SCANS_DUE_JOB = {
  queue: QUEUES.deadlines,
  name: 'scans-due',
  data: {},
  key: 'scans-due',
} as const satisfies NewJob
