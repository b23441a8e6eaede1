import type { RecordedEvent } from '@portcullis/core'
import { grantId, type PortcullisEvent } from '@portcullis/domain'
import { checkPromises, type PromiseEvidence, promiseReport } from '@portcullis/promises'
import { readMemberships } from '@portcullis/provisioning'
import { CommandFailed, type Output } from '../cli/output.ts'
import { loadSample } from '../sample/loadSample.ts'
import { type Played, playScenes, settle } from './director.ts'
import { type Names, narrate, timeline } from './narrate.ts'
import { probeRepeats, probeReplay, probeViews } from './probes.ts'
import { END, PREEXISTING_GRANT, QUARTER, START, ZONE } from './quarter.ts'
import { openWorld, type World } from './world.ts'

/**
 * Plays a quarter of the sample organisation under a virtual clock, prints what happened, and checks the nine promises
 * over the whole log.
 * @throws CommandFailed when one is broken
 */
export const timelapse = async (
  flags: { readonly quiet: boolean },
  output: Output,
): Promise<void> => {
  const begun = performance.now()
  output.note('Setting the stage: an engine with a database of its own, in a temporary folder …')
  const world = await openWorld(START, ZONE)
  try {
    const { people, packages } = await loadSample(world.runtime)
    output.note(
      `Playing 5 January to 7 April 2026 with ${people} people and ${packages} packages …`,
    )
    const played = await playScenes(world, QUARTER, END)
    const events = await wholeLog(world)
    if (!flags.quiet && !output.json) await printTimeline(world, events, output)
    const results = checkPromises(await evidence(world, played, events))
    const seconds = (performance.now() - begun) / 1000
    const summary = `${events.length} events, ${world.mails.length} mails, ${world.connector.calls} connector calls; three months in ${seconds.toFixed(1)} s`
    await output.print(`\n${summary}\n\n${promiseReport(results)}`, {
      events: events.length,
      mails: world.mails.length,
      connectorCalls: world.connector.calls,
      seconds,
      promises: results,
    })
    const broken = results.filter(({ holds }) => !holds).map(({ number }) => number)
    if (broken.length > 0) throw new CommandFailed(`broken: promise ${broken.join(', ')}`)
    if (world.problems.length > 0)
      throw new CommandFailed(`the engine reported problems:\n${world.problems.join('\n')}`)
  } finally {
    await world.close()
  }
}

const wholeLog = async ({
  runtime: { store },
}: World): Promise<readonly RecordedEvent<PortcullisEvent>[]> => {
  const { events } = await store.readAll({ after: 0n, limit: Number(await store.head()) + 1 })
  // The codec only lets in what the schemas name.
  return events as readonly RecordedEvent<PortcullisEvent>[]
}

/** Of events up to here: those that set up the sample are no news. */
const printTimeline = async (
  { runtime }: World,
  events: readonly RecordedEvent<PortcullisEvent>[],
  output: Output,
): Promise<void> => {
  const names = await namesOf(runtime)
  const lines = events
    .filter(({ metadata }) => metadata.actor.id !== 'sample-loader')
    .flatMap((event) => narrate(event, names) ?? [])
  for (const line of timeline(lines, ZONE)) await output.print(line, { line })
}

const namesOf = async ({ directory, views }: World['runtime']): Promise<Names> => {
  const packages = await views.packages({ limit: 200 })
  const packageNames = new Map(packages.items.map(({ id, displayName }) => [id, displayName]))
  const resources = await directory.resources([
    ...new Set(
      packages.items.flatMap(({ resourceRoles }) =>
        resourceRoles.map(({ resourceId }) => resourceId),
      ),
    ),
    'marketing-team',
  ])
  const requests = await views.requests({ limit: 200 })
  const people = await directory.people([
    ...new Set([
      ...requests.items.flatMap(({ subjectId, requestorId, decidedBy }) => [
        subjectId,
        requestorId,
        ...(decidedBy === null ? [] : [decidedBy]),
      ]),
    ]),
  ])
  return {
    person: (id) => people.get(id)?.displayName ?? id,
    package: (id) => packageNames.get(id) ?? id,
    role: (resourceId, roleId) => {
      const resource = resources.get(resourceId)
      const role = resource?.roles.find(({ id }) => id === roleId)
      return `${resource?.displayName ?? resourceId} (${role?.displayName ?? roleId})`
    },
  }
}

const evidence = async (
  world: World,
  { sent, lookedUp, notFound }: Played,
  events: readonly RecordedEvent<PortcullisEvent>[],
): Promise<PromiseEvidence> => {
  const memberships = await membershipsOf(world, events)
  const repeats = await probeRepeats(world, sent)
  const viewsEqual = await probeViews(world)
  const replay = await probeReplay(world, () => settle(world))
  return {
    events,
    memberships,
    membershipsBefore: new Set([PREEXISTING_GRANT]),
    mails: world.mails.map(({ messageId, kind, eventId, to }) => ({
      messageId,
      kind,
      eventId,
      recipientId: to.address,
    })),
    tolerance: { lateMillis: 0, downtimes: [] },
    probes: {
      repeats: repeats.wrong,
      readYourWrites: notFound,
      viewsEqual: viewsEqual.wrong,
      replay: replay.wrong,
    },
    probed: {
      repeats: repeats.looked,
      readYourWrites: lookedUp,
      viewsEqual: viewsEqual.looked,
      replay: replay.looked,
    },
    now: world.clock.now(),
  }
}

/** What the target holds, by our own ids: the file has the target's. */
const membershipsOf = async (
  { runtime, membershipsPath }: World,
  events: readonly RecordedEvent<PortcullisEvent>[],
): Promise<ReadonlySet<string>> => {
  const ids = events.flatMap(({ data }) => ('resourceId' in data ? [data.resourceId] : []))
  const resources = await runtime.directory.resources([...new Set(ids)])
  const roles = [...resources.values()].flatMap((resource) =>
    resource.roles.map((role) => ({
      target: `${resource.externalId}\n${role.externalId}`,
      resourceId: resource.id,
      roleId: role.id,
    })),
  )
  const byTarget = new Map(roles.map((role) => [role.target, role]))
  const rows = await readMemberships(membershipsPath)
  return new Set(
    rows.map(({ resource, role, subject }) => {
      const known = byTarget.get(`${resource}\n${role}`)
      return grantId(known?.resourceId ?? resource, known?.roleId ?? role, subject)
    }),
  )
}
