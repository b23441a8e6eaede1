import type { Answer, Input } from '@portcullis/client'
import type { Command } from 'commander'
import { change, connect } from '../cli/client.ts'
import { asking, changing, group, listing, outputOf, someOf } from '../cli/commandKinds.ts'
import { saveCsv } from '../cli/csv.ts'
import { again, facts, historyLines, printList, roleName } from '../cli/list.ts'
import { localTime, oneLine } from '../cli/shownText.ts'

type Status = NonNullable<Input<'listAssignments'>['status']>

const STATUSES = [
  'Active',
  'Scheduled',
  'Delivering',
  'Delivered',
  'PartiallyDelivered',
  'PartiallyFulfilled',
  'Expired',
  'Removed',
  'Cancelled',
] as const satisfies Status

/** Who has an access package, and until when (S15, S18, S19, S25). */
export const addAssignmentCommands = (program: Command): void => {
  const assignment = group(program, 'assignment', 'who has an access package, and until when')

  filtering(
    listing(
      assignment,
      'list',
      'assignments that you may see, newest first',
      'assignment list --package marketing-basics --status Active,Expired --as alice',
    ),
  ).action(async (flags) =>
    printList(
      flags,
      outputOf(flags),
      (await connect(flags)).listAssignments.all(filtersOf(flags)),
      {
        assignment: ({ id }) => id,
        for: ({ subjectName, subjectId }) => subjectName ?? subjectId,
        package: ({ packageName, packageId }) => packageName ?? packageId,
        status: ({ status }) => status,
        policy: ({ policyId, policyVersion }) => `${policyId} v${policyVersion}`,
        from: ({ startAt }) => startAt,
        until: ({ endAt, endedAt }) => endedAt ?? endAt ?? 'no end',
      },
      'There is no such assignment.',
    ),
  )

  filtering(
    asking(
      assignment,
      'csv',
      'the same list as a CSV file, with names',
      'assignment csv --package marketing-basics --out staff.csv --as alice',
    ),
  )
    .option('--out <path>', 'into this new file; else to standard output')
    .action(async (flags) => {
      const bytes = await (await connect(flags)).downloadAssignments(filtersOf(flags))
      await saveCsv(bytes, flags.out, outputOf(flags))
    })

  asking(
    assignment,
    'show',
    'one assignment: each role and its delivery, and its history',
    'assignment show marketing-basics.alice.a1 --as alice',
  )
    .argument('<assignment>')
    .action(async (assignmentId: string, flags) => {
      const found = await (await connect(flags)).getAssignment({ assignmentId })
      await outputOf(flags).print(assignmentText(found), found)
    })

  changing(
    assignment,
    'reprocess',
    'deliver it again: try what failed now, and look at what is in place',
    'assignment reprocess marketing-basics.alice.a1 --as alice',
  )
    .argument('<assignment>')
    .action((assignmentId: string, flags) =>
      change(
        flags,
        outputOf(flags),
        (client, options) => client.reprocessAssignment({ assignmentId }, options),
        ({ retriedRoles = 0 }) => `Assignment ${assignmentId}: ${again(retriedRoles)}.`,
      ),
    )

  changing(
    assignment,
    'extend',
    'ask for more time',
    'assignment extend marketing-basics.alice.a1 --why "The fair goes on" --as alice',
  )
    .argument('<assignment>')
    .option('--why <text>', 'the justification')
    .action((assignmentId: string, flags) =>
      change(
        flags,
        outputOf(flags),
        (client, options) =>
          client.extendAssignment({ assignmentId, justification: flags.why }, options),
        ({ requestId, status }) => `Request ${requestId} is ${status}.`,
      ),
    )

  changing(
    assignment,
    'remove',
    'end an assignment now; all that only it conferred is revoked',
    'assignment remove marketing-basics.alice.a1 --why "Left the team" --as alice',
  )
    .argument('<assignment>')
    .option('--why <text>', 'the justification')
    .action((assignmentId: string, flags) =>
      change(
        flags,
        outputOf(flags),
        (client, options) =>
          client.removeAssignment({ assignmentId, justification: flags.why }, options),
        ({ status }) => `Assignment ${assignmentId} is ${status}.`,
      ),
    )
}

const filtering = (command: Command): Command =>
  command
    .option('--package <package>', 'only of this one')
    .option('--catalog <catalog>', 'only of packages of this one')
    .option('--policy <policy>', 'only those that this one governs')
    .option('--subject <person>', "only this person's")
    .addOption(someOf('--status <words>', 'only those that are', STATUSES))

const filtersOf = (flags: {
  readonly package?: string
  readonly catalog?: string
  readonly policy?: string
  readonly subject?: string
  readonly status?: Status
}): Input<'downloadAssignments'> => ({
  packageId: flags.package,
  catalogId: flags.catalog,
  policyId: flags.policy,
  subjectId: flags.subject,
  status: flags.status,
})

const assignmentText = (found: Answer<'getAssignment'>): string =>
  facts({
    Assignment: `${found.id}: ${found.status}`,
    'Access package': `${found.accessPackage.displayName ?? 'unknown'} (${found.packageId})`,
    Subject: `${found.subject.displayName ?? 'unknown to the directory'} (${found.subjectId})`,
    Request: found.requestId,
    Policy: `${found.policyId}, version ${found.policyVersion}`,
    From: found.startAt,
    Until: found.endAt ?? 'no end',
    ...(found.endedAt === null ? {} : { Ended: found.endedAt }),
    Roles: found.roles.map(roleLine),
    History: historyLines(found.history),
  })

const roleLine = ({
  delivery: { state, receipt, failure },
  ...role
}: Answer<'getAssignment'>['roles'][number]): string => {
  if (failure === null) return `${roleName(role)}: ${state}${receiptText(receipt)}`
  const tries = failure.attempts === 1 ? 'once' : `${failure.attempts} times`
  const next = failure.nextTryAt === null ? '' : `; tried again at ${localTime(failure.nextTryAt)}`
  return `${roleName(role)}: ${state}, tried ${tries}: ${failure.message} (${failure.code})${next}`
}

type Receipt = Answer<'getAssignment'>['roles'][number]['delivery']['receipt']

/** As in ` (read back, account 4711)`: how it is known, and whose account it is in the target. */
export const receiptText = (receipt: Receipt): string => {
  if (receipt === null) return ''
  const kinds = {
    'read-back': 'read back',
    acknowledged: 'by the target’s word',
    'looked-up': 'looked up by an older version',
  } as const
  const account = receipt.account?.id ?? receipt.account?.member
  return ` (${kinds[receipt.kind]}${account === undefined ? '' : `, account ${oneLine(account)}`})`
}
