import { checkLive, checkPromises } from '@portcullis/promises'
import type { CrashRun } from './crashRun.ts'
import {
  type LogEvents,
  readLog,
  rightMails,
  rightMemberships,
  shownEnds,
  wrongEnds,
} from './ends.ts'

/** What a run came to: everything that isn't as it should be, by what was looked at, and the figures of the run. */
export interface Verdict {
  readonly broken: Readonly<Record<string, readonly unknown[]>>
  readonly report: Readonly<Record<string, number | Readonly<Record<string, number>>>>
}

/** Uptime that a timer may take to be worked off when hundreds of others, and everything else, are due as well. */
const LATE_MILLIS = 15_000

export const verdictOf = async (run: CrashRun): Promise<Verdict> => {
  const { stage, runtime, driver, moments, stories, struck } = run
  const log = await readLog(runtime)
  const memberships = await stage.memberships()
  const ends = wrongEnds(stories, await shownEnds(driver))
  const mails = mailFindings(run, await rightMails(runtime, log))

  const before = moments.count()
  const views = await unequalViews(run)
  const touched = moments.count() - before
  const repeats = await driver.repeatAll()
  const replay = touched === 0 ? [] : [`${touched} calls and mails while views were rebuilt`]

  const right = rightMemberships(stories)
  const all: Record<string, readonly unknown[]> = {
    ends,
    'memberships missing': without(right, memberships),
    'memberships too many': without(memberships, right),
    ...mails.broken,
    ...promises(run, log, memberships, { viewsEqual: views, repeats, replay }),
    ...(await liveCheck(run)),
  }
  return {
    broken: Object.fromEntries(Object.entries(all).filter(([, found]) => found.length > 0)),
    report: {
      requests: stories.reduce((sum, { requests }) => sum + requests.length, 0),
      disruptions: Object.fromEntries(countBy(struck.map(({ disruption }) => disruption))),
      events: log.length,
      memberships: memberships.length,
      ...mails.report,
      ...driver.stats,
      'things seen': moments.count(),
    },
  }
}

/**
 * None is missing; none arrived twice but under one Message-ID, and no more often than it was being sent when its
 * process was killed or its outbox went away.
 */
const mailFindings = ({ stage, struck }: CrashRun, mailIds: ReadonlySet<string>) => {
  const messageIdOf = (id: string): string => `<${id}@portcullis.localhost>`
  const expected = [...mailIds].map(messageIdOf)
  const sends = countBy(stage.mails.received.map(({ messageId }) => messageId))
  const flights = countBy(struck.flatMap(({ inFlight }) => inFlight).map(messageIdOf))
  return {
    broken: {
      'mails missing': without(expected, [...sends.keys()]),
      'mails that nothing calls for': without([...sends.keys()], expected),
      'mails sent again though not in flight at a disruption': [...sends].filter(
        ([id, times]) => times - 1 > (flights.get(id) ?? 0),
      ),
    },
    report: {
      mails: expected.length,
      'mails sent again': stage.mails.received.length - sends.size,
      'mails in flight at a disruption': flights.size,
    },
  }
}

const unequalViews = async ({ runtime }: CrashRun): Promise<readonly string[]> => {
  const unequal: string[] = []
  for (const { name } of await runtime.projections.status()) {
    const { equal, differences } = await runtime.projections.verify(name)
    if (!equal) unequal.push(`${name}: ${differences.join(', ')}`)
  }
  return unequal
}

/** The nine promises over the whole log. */
const promises = (
  { stage, runtime, driver, downtimes }: CrashRun,
  events: LogEvents,
  memberships: readonly string[],
  probes: Readonly<Record<'viewsEqual' | 'repeats' | 'replay', readonly string[]>>,
): Readonly<Record<string, readonly string[]>> => {
  const results = checkPromises({
    events,
    memberships: new Set(memberships),
    membershipsBefore: new Set(),
    mails: stage.mails.received,
    tolerance: { lateMillis: LATE_MILLIS, downtimes },
    // A command right after the answer that made its target is what most stories are made of: a refusal would have
    // ended the run (promise 7).
    probes: { ...probes, readYourWrites: [] },
    probed: { repeats: driver.stats.answered, readYourWrites: driver.stats.answered },
    now: runtime.clock.now(),
  })
  return Object.fromEntries(
    results.map(({ number, promise, holds, broken }) => [
      `promise ${number}: ${promise}`,
      holds ? [] : broken,
    ]),
  )
}

/** What `portcullis promises check --from-start` says of the same log. */
const liveCheck = async ({
  runtime,
}: CrashRun): Promise<Readonly<Record<string, readonly string[]>>> => {
  const report = await checkLive(runtime, { fromStart: true, signal: new AbortController().signal })
  if (report === undefined || !report.finished) return { 'promises check': ['did not end'] }
  return Object.fromEntries(
    report.results.map(({ number, holds, broken }) => [
      `promises check: promise ${number}`,
      holds ? [] : broken,
    ]),
  )
}

const countBy = (keys: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

/** What `items` has more of than `others`; one that is there twice counts twice. */
const without = (items: readonly string[], others: readonly string[]): readonly string[] => {
  const left = new Map(countBy(others))
  return items.filter((item) => {
    const count = left.get(item) ?? 0
    left.set(item, count - 1)
    return count <= 0
  })
}
