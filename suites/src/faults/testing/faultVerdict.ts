import { checkPromises } from '@portcullis/promises'
import { readLog } from '../../crash/testing/ends.ts'
import type { Acts } from './acts.ts'
import type { FaultRun } from './faultRun.ts'

/**
 * Grants as the view of the log has them: who has what, as far as the engine knows, and which of them anybody holds.
 */
const readGrants = async ({ runtime }: FaultRun) => {
  const { rows } = await runtime.pool.query<{ id: string; actual: string; held: boolean }>(
    'select id, actual, jsonb_array_length(holder_ids) > 0 as held from portcullis_views.grants',
  )
  return rows
}

const readAssignments = async ({ runtime }: FaultRun): Promise<readonly string[]> => {
  const { rows } = await runtime.pool.query<{ id: string }>(
    'select entitlement_id as id from portcullis_views.assignments where active order by id',
  )
  return rows.map(({ id }) => id).sort()
}

/**
 * Targets equal grants equal assignments: what the targets hold, what the engine believes of them, what somebody holds,
 * and what was asked for.
 * @returns the four lists that must be the same, sorted, and the assignments that must be those that were asked for
 */
export const whatIsThere = async (run: FaultRun) => {
  const now = run.runtime.clock.now()
  const grants = await readGrants(run)
  const inTargets = await Promise.all(run.targets.map((target) => target.memberships()))
  return {
    inTargets: inTargets.flat().sort(),
    believedPresent: grants
      .filter(({ actual }) => actual === 'present')
      .map(({ id }) => id)
      .sort(),
    held: grants
      .filter(({ held }) => held)
      .map(({ id }) => id)
      .sort(),
    askedFor: run.acts.memberships(now),
    assignments: await readAssignments(run),
    assignmentsAskedFor: run.acts.assignments(now),
  }
}

/** A run that has come to rest, what was sent in it, and the targets. */
export interface Judged extends Pick<FaultRun, 'runtime' | 'targets'> {
  readonly acts: Pick<Acts, 'sent' | 'caller'>
  readonly stats: Readonly<Pick<FaultRun['stats'], 'aheadMillis'>>
}

/** Everything that breaks one of the nine promises, by promise; nothing when they are kept. */
export const brokenPromises = async ({
  runtime,
  acts,
  stats,
  targets,
}: Judged): Promise<Readonly<Record<string, readonly string[]>>> => {
  const views: string[] = []
  for (const { name } of await runtime.projections.status()) {
    const { equal, differences } = await runtime.projections.verify(name)
    if (!equal) views.push(`${name}: ${differences.join(', ')}`)
  }
  const before = await runtime.store.head()
  const repeats: string[] = []
  for (const { command, commandId, result } of acts.sent) {
    const caller = acts.caller
    const again = await runtime.application.execute(command, { commandId, caller })
    const text = again.ok ? JSON.stringify(again.result) : again.refusal.code
    if (text !== result) repeats.push(`${command.type} ${commandId}: first ${result}, then ${text}`)
  }
  const grown = (await runtime.store.head()) - before
  if (grown > 0n) repeats.push(`the log grew by ${grown} events`)
  const inTargets = await Promise.all(targets.map((target) => target.memberships()))
  const results = checkPromises({
    events: await readLog(runtime),
    memberships: new Set(inTargets.flat()),
    membershipsBefore: new Set(),
    // The clock is put forward in leaps, and a killed worker takes its time to be back.
    tolerance: { lateMillis: stats.aheadMillis, downtimes: [] },
    probes: { viewsEqual: views, repeats, replay: [], readYourWrites: [] },
    probed: { repeats: acts.sent.length },
    now: runtime.clock.now(),
  })
  return Object.fromEntries(
    results
      .filter(({ holds }) => !holds)
      .map(({ number, promise, broken }) => [`promise ${number}: ${promise}`, broken]),
  )
}
