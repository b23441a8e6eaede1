import type { Input } from '@portcullis/client'
import type { Command } from 'commander'
import { change, connect } from '../cli/client.ts'
import { asking, changing, group, listing, outputOf, someOf } from '../cli/commandKinds.ts'
import { saveCsv } from '../cli/csv.ts'
import { again, printList } from '../cli/list.ts'

type Filters = Input<'downloadRequests'>

const STATUSES = [
  'PendingApproval',
  'Scheduled',
  'Delivering',
  'Fulfilled',
  'Unfulfilled',
  'Denied',
  'Cancelled',
] as const satisfies Filters['status']
const SUB_STATUSES = [
  'TimedOut',
  'PartiallyFulfilled',
  'Extended',
] as const satisfies Filters['subStatus']
const KINDS = ['new', 'extension', 'direct'] as const satisfies Filters['kind']

/** Requests as an administrator sees them (S20 to S22). */
export const addAdministration = (program: Command): void => {
  const requests = group(program, 'requests', 'requests of the access packages that you manage')
  filtering(
    listing(
      requests,
      'list',
      'requests that you may see, newest first',
      'requests list --package marketing-basics --status Unfulfilled --as alice',
    ),
  ).action(async (flags) =>
    printList(
      flags,
      outputOf(flags),
      (await connect(flags)).listRequests.all(filtersOf(flags)),
      {
        request: ({ id }) => id,
        for: ({ subjectName, subjectId }) => subjectName ?? subjectId,
        package: ({ packageName, packageId }) => packageName ?? packageId,
        kind: ({ kind }) => kind,
        status: ({ status, subStatus }) =>
          subStatus === null ? status : `${status} (${subStatus})`,
        errors: ({ fulfilmentErrors }) => fulfilmentErrors.length,
        reason: ({ justification }) => justification,
        'decide by': ({ status, decideBy }) => (status === 'PendingApproval' ? decideBy : null),
        policy: ({ policyId, policyVersion }) => `${policyId} v${policyVersion}`,
        submitted: ({ submittedAt }) => submittedAt,
      },
      'There is no such request.',
    ),
  )
  filtering(
    asking(
      requests,
      'csv',
      'the same list as a CSV file, with names',
      'requests csv --package marketing-basics --out requests.csv --as alice',
    ),
  )
    .option('--out <path>', 'into this new file; else to standard output')
    .action(async (flags) => {
      const bytes = await (await connect(flags)).downloadRequests(filtersOf(flags))
      await saveCsv(bytes, flags.out, outputOf(flags))
    })
  acts(requests)
}

const acts = (requests: Command): void => {
  changing(
    requests,
    'cancel',
    'cancel a request that is not fulfilled yet',
    'requests cancel marketing-basics.alice.r1 --why "Not needed any more" --as alice',
  )
    .argument('<request>')
    .option('--why <text>', 'the reason')
    .action((requestId: string, flags) =>
      change(
        flags,
        outputOf(flags),
        (client, options) => client.cancelRequest({ requestId, reason: flags.why }, options),
        ({ status }) => `Request ${requestId} is ${status}.`,
      ),
    )
  changing(
    requests,
    'reprocess',
    'deliver again what a request has led to',
    'requests reprocess marketing-basics.alice.r1 --as alice',
  )
    .argument('<request>')
    .action((requestId: string, flags) =>
      change(
        flags,
        outputOf(flags),
        (client, options) => client.reprocessRequest({ requestId }, options),
        ({ retriedRoles = 0 }) => `Request ${requestId}: ${again(retriedRoles)}.`,
      ),
    )
}

const filtering = (command: Command): Command =>
  command
    .option('--package <package>', 'only of this one')
    .option('--catalog <catalog>', 'only of packages of this one')
    .option('--policy <policy>', 'only those under this one')
    .option('--subject <person>', 'only for this person')
    .option('--requestor <id>', 'only by this person, or service:<name>')
    .addOption(someOf('--kind <words>', 'only these', KINDS))
    .addOption(someOf('--status <words>', 'only those that are', STATUSES))
    .addOption(someOf('--sub-status <words>', 'only those that are', SUB_STATUSES))
    .option('--from <instant>', 'submitted at this instant or later, as 2027-01-01T00:00:00Z')
    .option('--until <instant>', 'submitted before this instant')

const filtersOf = (flags: {
  readonly package?: string
  readonly catalog?: string
  readonly policy?: string
  readonly subject?: string
  readonly requestor?: string
  readonly kind?: Filters['kind']
  readonly status?: Filters['status']
  readonly subStatus?: Filters['subStatus']
  readonly from?: string
  readonly until?: string
}): Filters => ({
  packageId: flags.package,
  catalogId: flags.catalog,
  policyId: flags.policy,
  subjectId: flags.subject,
  requestorId: flags.requestor,
  kind: flags.kind,
  status: flags.status,
  subStatus: flags.subStatus,
  submittedFrom: flags.from,
  submittedTo: flags.until,
})
