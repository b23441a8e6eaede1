import type { Answer } from '@portcullis/client'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { connect } from '../cli/client.ts'
import { asking, listing, outputOf } from '../cli/commandKinds.ts'
import { ageOf, durationMillis } from '../cli/durations.ts'
import { facts, printList } from '../cli/list.ts'
import { CommandFailed } from '../cli/output.ts'
import { table } from '../cli/table.ts'

const KINDS = [
  'access',
  'overdue',
  'leaver',
  'no-approver',
  'account',
  'standing-unknown',
  'held-back',
  'schedule-ahead',
  'broken-promise',
] as const
const STATES = [
  'failing',
  'awaiting-operator',
  'awaiting-fulfilment',
  'under-way',
  'waiting',
  'drift',
  'found',
] as const

type OpenProblem = Answer<'listOpenProblems'>['items'][number]

/** What isn't as it should be, and how long access outlives its end (promise 2). */
export const addProblemCommands = (program: Command): void => {
  const problems = listing(
    program,
    'problems',
    'what isn’t as it should be, the longest first: access that can’t be given or taken away, or that waits; and what checks have found',
    'problems --operation revoke --older-than 1h --as alice',
  )
  withPlace(problems)
    .addOption(new Option('--kind <kind>', 'only these').choices(KINDS))
    .option('--package <package>', 'only what concerns this one, or assignments or requests of it')
    .addOption(
      new Option('--operation <operation>', 'what has to be done').choices(['grant', 'revoke']),
    )
    .addOption(new Option('--state <state>', 'only these').choices(STATES))
    .option('--older-than <time>', 'only older ones: 90s, 15m, 1h, 2d', time)
    .option('--summary', 'only how many, by resource', false)
    .option('--fail-if-older-than <time>', 'exit code 1 when one is older: for monitoring', time)
    .action(async (flags) => {
      const client = await connect(flags)
      const filters = {
        kind: flags.kind,
        connector: flags.connector,
        resourceId: flags.resource,
        packageId: flags.package,
        operation: flags.operation,
        state: flags.state,
        sinceBefore: before(flags.olderThan),
      }
      const output = outputOf(flags)
      if (flags.summary === true) {
        const counts = await client.countOpenProblems(filters)
        await output.print(summaryText(counts), counts)
      } else
        await printList(
          flags,
          output,
          client.listOpenProblems.all(filters),
          {
            age: ({ since }) => ageOf(since, Date.now()),
            kind: ({ kind }) => kind,
            'to do': ({ operation }) => operation,
            about: aboutOf,
            connector: ({ connector }) => connector,
            state: ({ state }) => state,
            tries: ({ attempts }) => attempts,
            next: ({ nextTryAt }) => nextTryAt,
            'assignments and requests': ({ assignmentIds, requestIds }) =>
              [...assignmentIds, ...requestIds].join(' ') || null,
            why: ({ error, detail }) => reasonOf(error ?? detail),
          },
          'Everything is as it should be.',
        )
      if (flags.failIfOlderThan === undefined) return
      const { total } = await client.countOpenProblems({
        ...filters,
        sinceBefore: before(flags.failIfOlderThan),
      })
      if (total > 0)
        throw new CommandFailed(`${total} older than ${flags.failIfOlderThan / 1000} s`)
    })

  withPlace(
    asking(
      program,
      'removals',
      'how long access outlived the end of what conferred it, by resource',
      'removals --within 30d --as alice',
    ),
  )
    .option('--within <time>', 'only of what was removed within this time: 24h, 30d', time)
    .action(async (flags) => {
      const report = await (await connect(flags)).reportRemovals({
        connector: flags.connector,
        resourceId: flags.resource,
        from: before(flags.within),
      })
      await outputOf(flags).print(removalText(report), report)
    })
}

/** The access, by the grant's id; else the narrowest that the problem names. */
const aboutOf = ({ id, kind, resourceId, roleId, packageId, subjectId }: OpenProblem) =>
  kind === 'access'
    ? id
    : [resourceId, roleId, packageId, subjectId].filter((part) => part !== null).join('.') || null

const reasonOf = (reason: OpenProblem['detail']): string | null =>
  reason === null ? null : `${reason.code}: ${reason.message}`

const withPlace = (command: Command): Command =>
  command
    .option('--connector <connector>', 'only resources of this one')
    .option('--resource <resource>', 'only this one')

const time = (text: string): number => {
  const millis = durationMillis(text)
  if (millis === undefined)
    throw new InvalidArgumentError('It is not a time such as 90s, 15m, 1h or 2d.')
  return millis
}

/** The instant so many milliseconds ago. */
const before = (millis: number | undefined): string | undefined =>
  millis === undefined ? undefined : new Date(Date.now() - millis).toISOString()

const summaryText = ({ total, oldest, items }: Answer<'countOpenProblems'>): string => {
  if (total === 0) return 'Everything is as it should be.'
  const now = Date.now()
  const rows = items.map((each) => [
    each.kind,
    each.resourceId ?? '-',
    each.connector ?? '-',
    each.operation ?? '-',
    each.state,
    String(each.count),
    ageOf(each.oldest, now),
  ])
  const head = facts({
    'Open problems': total,
    Oldest: oldest === null ? null : ageOf(oldest, now),
  })
  return `${head}\n\n${table(['kind', 'resource', 'connector', 'operation', 'state', 'how many', 'oldest'], rows)}`
}

const removalText = ({ items }: Answer<'reportRemovals'>): string => {
  if (items.length === 0) return 'Nothing has been taken away, and nothing is to be.'
  const seconds = (millis: number | undefined): string =>
    millis === undefined ? '-' : (millis / 1000).toFixed(1)
  const now = Date.now()
  const rows = items.map(({ resourceId, connector, removed, millis, open, oldestEndedAt }) => [
    resourceId,
    connector ?? '-',
    String(removed),
    seconds(millis?.p50),
    seconds(millis?.p95),
    seconds(millis?.p99),
    seconds(millis?.max),
    String(open),
    oldestEndedAt === null ? '-' : ageOf(oldestEndedAt, now),
  ])
  return table(
    [
      'resource',
      'connector',
      'removed',
      'p50 s',
      'p95 s',
      'p99 s',
      'longest s',
      'still open',
      'oldest',
    ],
    rows,
  )
}
