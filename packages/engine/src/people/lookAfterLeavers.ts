import { addMillis, type EventStore, type Instant } from '@portcullis/core'
import { allowedOf, type Directory, type RemovalLimits } from '@portcullis/directory'
import {
  type EntitlementCommand,
  entitlementDecider,
  entitlementStream,
  parseAssignmentId,
} from '@portcullis/domain'
import type { LeaverAssignment } from '@portcullis/views'
import { ENGINE_FACTS } from '../facts/engineFacts.ts'
import type { ApproverCare } from './lookAfterApprovers.ts'
import { releasedTo } from './release.ts'

export interface LeaverSettings {
  /** Milliseconds after which what leavers have ends; null: it doesn't. */
  readonly endAfterMillis: number | null
  /** How many of those who have something may lose it for having left, before somebody must say so. */
  readonly limits: RemovalLimits
}

export interface LeaverCare extends ApproverCare {
  readonly store: EventStore
  readonly directory: Pick<Directory, 'people' | 'membersOf' | 'leftAmong'>
  readonly leavers: LeaverSettings
}

const CARE = { kind: 'system', id: 'people' } as const
const CHUNK = 200

interface Leaver extends LeaverAssignment {
  readonly since: Instant
  readonly endsAt: Instant | null
}

type Look = Extract<EntitlementCommand, { type: 'LookAtSubject' }>

/**
 * A2: finds what people have who are disabled or gone: notes it in each stream, so that managers of the package are
 * told, lists it as open problems, and ends it when the grace is over.
 * Where more of them would lose something than looks meant, it is held until somebody says so. Notes as well who is
 * back.
 */
export const lookAfterLeavers = async (care: LeaverCare, signal: AbortSignal): Promise<void> => {
  const { peopleViews, clock, leavers: settings, problemFindings } = care
  const now = clock.now()
  const known = await peopleViews.findingsOf('leaver')
  const found = (await peopleViews.leaverAssignments()).map((each): Leaver => {
    const noted = each.disabledAt !== null && each.disabledAt <= now ? each.disabledAt : undefined
    const since = noted ?? known.get(each.assignmentId) ?? now
    const { endAfterMillis } = settings
    return {
      ...each,
      since,
      endsAt: endAfterMillis === null ? null : addMillis(since, endAfterMillis),
    }
  })
  const due = found.filter(({ endsAt }) => endsAt !== null && endsAt <= now)
  const held = due.length === 0 ? undefined : await holdOf(care, found, now)
  const ends = new Set(due.filter(({ since }) => held === undefined || since <= held.released))
  const ids = new Set(found.map(({ assignmentId }) => assignmentId))
  const back = [...known.keys(), ...(await peopleViews.overdueStarts(now))].filter(
    (id) => !ids.has(id),
  )
  await look(care, signal, [
    ...found
      .filter((each) => !known.has(each.assignmentId) || ends.has(each))
      .map((each) => lookOf(each.assignmentId, each.since, each.endsAt, ends.has(each))),
    ...[...new Set(back)].map((id) => lookOf(id, now, null, false)),
  ])
  await problemFindings.replace(
    'leaver',
    found.flatMap((each) => (ends.has(each) ? [] : [findingOf(each)])),
  )
  await problemFindings.replace('held-back', held === undefined ? [] : [heldFinding(held, now)])
}

const lookOf = (
  assignmentId: string,
  since: Instant,
  endsAt: Instant | null,
  end: boolean,
): Look => ({
  type: 'LookAtSubject',
  assignmentId,
  since,
  endsAt,
  end,
})

interface Held {
  readonly people: number
  readonly of: number
  readonly allowed: number
  /** Who had left by then may lose it all the same. */
  readonly released: Instant
}

const BEFORE_ALL = '0000-01-01T00:00:00.000Z'

/**
 * Whether too many would lose something within the window of the limits, not counting those of whom somebody has said
 * that they may: those who are to lose it from now on, since a file that was cut off may have come in parts, or those
 * who would lose it now with those who have lost it of late, since many small files may be one.
 */
const holdOf = async (
  { peopleViews, store, leavers: { limits } }: LeaverCare,
  found: readonly Leaver[],
  now: Instant,
): Promise<Held | undefined> => {
  const { withinMillis } = limits
  const soon = addMillis(now, withinMillis)
  const released = (await releasedTo(store)) ?? BEFORE_ALL
  const toEndBy = (instant: Instant): readonly string[] =>
    found
      .filter(({ since, endsAt }) => endsAt !== null && endsAt <= instant && since > released)
      .map(({ subjectId }) => subjectId)
  // What lies in the future was ended by a clock that was ahead.
  const ended = (await peopleViews.endedLeavers([addMillis(now, -withinMillis), soon]))
    .filter(({ disabledAt, endedAt }) => (disabledAt ?? endedAt) > released)
    .map(({ subjectId }) => subjectId)
  const people = Math.max(new Set(toEndBy(soon)).size, new Set([...ended, ...toEndBy(now)]).size)
  const everybody = await peopleViews.peopleWithAccess(ended)
  const allowed = allowedOf(everybody, limits)
  return people > allowed ? { people, of: everybody, allowed, released } : undefined
}

/**
 * Each decides on what the directory says of the subject right then, so that nothing ends of somebody who came back
 * meanwhile.
 */
const look = async (
  care: LeaverCare,
  signal: AbortSignal,
  looks: readonly Look[],
): Promise<void> => {
  const { handleMany, newId, directory } = care
  const located = looks.flatMap((command) => {
    const at = parseAssignmentId(command.assignmentId)
    return at === undefined ? [] : [{ command, at }]
  })
  const streams = [...Map.groupBy(located, ({ at }) => at.entitlementId)]
  for (let start = 0; start < streams.length && !signal.aborted; start += CHUNK) {
    const chunk = streams.slice(start, start + CHUNK)
    const subjects = chunk.flatMap(([, all]) => all.map(({ at }) => at.subjectId))
    // Read once for the chunk, right before it is decided.
    let asked: Promise<ReadonlyMap<string, Instant | null>> | undefined
    const left = () => {
      asked ??= directory.leftAmong([...new Set(subjects)])
      return asked
    }
    await handleMany(
      chunk.map(([entitlementId, all]) => ({
        stream: entitlementStream(entitlementId),
        decider: entitlementDecider,
        commands: all.map(({ command }) => ({
          command,
          envelope: { commandId: newId(), actor: CARE },
        })),
        facts: async () => {
          const gone = (await left()).has(all[0]?.at.subjectId ?? '')
          return { ...ENGINE_FACTS, subject: { exists: true, enabled: !gone } }
        },
      })),
    )
  }
}

const findingOf = ({ assignmentId, packageId, subjectId, since, endsAt }: Leaver) => ({
  key: assignmentId,
  since,
  packageId,
  subjectId,
  assignmentIds: [assignmentId],
  code: 'leaver.has-access',
  message:
    endsAt === null
      ? 'the person is disabled in the directory, or gone from it, and keeps this until somebody removes it'
      : `the person is disabled in the directory, or gone from it; this ends at ${endsAt}, unless they are enabled again by then`,
})

const heldFinding = ({ people, of, allowed }: Held, now: Instant) => ({
  key: 'leavers',
  since: now,
  code: 'leavers.held',
  message: `${people} of ${of} people who have something would lose it for having left, which is more than ${allowed}: correct the directory, or let it happen with \`portcullis leavers release\``,
})
