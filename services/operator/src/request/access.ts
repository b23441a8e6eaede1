import { join } from 'node:path'
import type { Answer } from '@portcullis/client'
import { entitlementStream, parseRequestId } from '@portcullis/domain'
import { createOutbox, type MailRecord } from '@portcullis/notifications'
import { type Membership, readMemberships } from '@portcullis/provisioning'
import { dataPaths, EXIT } from '@portcullis/runtime'
import { askerOf, type ChangeFlags, type ClientFlags, change, connect } from '../cli/client.ts'
import { configFrom, withRuntime } from '../cli/context.ts'
import { historyLines, type ListFlags, lasting, printList, roleName } from '../cli/list.ts'
import type { Output } from '../cli/output.ts'
import { CommandFailed } from '../cli/output.ts'
import { localTime, oneLine, quoted } from '../cli/shownText.ts'

/** Asks for an access package. */
export const requestPackage = (
  packageId: string,
  flags: ChangeFlags & { readonly why?: string; readonly policy?: string },
  output: Output,
): Promise<void> =>
  change(
    flags,
    output,
    (client, options) =>
      client.submitRequest(
        { packageId, justification: flags.why, policyId: flags.policy },
        options,
      ),
    ({ requestId, status }) => `Request ${requestId} is ${status}.`,
  )

/** Approves or denies a request. */
export const decide = (
  decision: 'approve' | 'deny',
  requestId: string,
  flags: ChangeFlags & { readonly why?: string },
  output: Output,
): Promise<void> =>
  change(
    flags,
    output,
    (client, options) => {
      const send = decision === 'approve' ? client.approveRequest : client.denyRequest
      return send({ requestId, justification: flags.why }, options)
    },
    ({ status }) => `Request ${requestId} is ${status}.`,
  )

/** Lists what waits for somebody's decision, with all that it is decided by. */
export const inbox = async (flags: ClientFlags & ListFlags, output: Output): Promise<void> => {
  const client = await connect(flags)
  const waiting = async function* () {
    for await (const { id } of client.listRequests.all({ waitingForMe: true }))
      yield client.getRequest({ requestId: id })
  }
  await printList(
    flags,
    output,
    waiting(),
    {
      request: ({ id }) => id,
      kind: ({ kind }) => kind,
      for: ({ subject }) => subject.displayName ?? subject.id,
      package: ({ accessPackage }) => accessPackage.displayName ?? accessPackage.id,
      roles: ({ roles }) => roles.map(roleName).join(', ') || 'none',
      reason: ({ justification }) => justification,
      'decide by': ({ decideBy }) => decideBy,
    },
    `Nothing waits for ${askerOf(flags) ?? 'you'}.`,
  )
}

/** One request with everything about it: where it stands, each role's delivery, its history. */
export const showRequest = async (
  requestId: string,
  flags: ClientFlags & { readonly wait: boolean },
  output: Output,
): Promise<void> => {
  const client = await connect(flags)
  let request = await client.getRequest({ requestId })
  for (const until = Date.now() + WAIT_MILLIS; flags.wait && request.status === 'Delivering'; ) {
    if (Date.now() > until)
      throw new CommandFailed(`request ${requestId} is still being delivered`, EXIT.failed, request)
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLIS))
    request = await client.getRequest({ requestId })
  }
  const { assignmentId } = request
  const assignment = assignmentId === null ? null : await client.getAssignment({ assignmentId })
  const kept = await localTraces(requestId, flags, output)
  await output.print(asText(request, assignment, kept), { request, assignment, ...kept })
}

interface LocalTraces {
  /** Mails that were sent because of the request, oldest first. */
  readonly mails: readonly MailRecord[]
  /** What the memberships file of the data folder says of the subject; empty where no `file` connector writes it. */
  readonly memberships: readonly Membership[]
}

/**
 * What this machine knows beside the API: the ledger of mails and the file connector's memberships. Nothing when the
 * engine runs elsewhere.
 */
const localTraces = async (
  requestId: string,
  flags: ClientFlags,
  output: Output,
): Promise<LocalTraces> => {
  const located = parseRequestId(requestId)
  const config = configFrom(flags)
  if (located === undefined || flags.url !== undefined) return { mails: [], memberships: [] }
  const stream = entitlementStream(located.entitlementId)
  const mails = await withRuntime(config, output, async ({ pool }) =>
    createOutbox(pool).mails({ limit: LEDGER }),
  ).catch((error: unknown) => {
    if (error instanceof CommandFailed && error.exitCode === EXIT.unreachable) return []
    throw error
  })
  const memberships = await readMemberships(
    join(config.dataDir, dataPaths(config.dataDir).memberships),
  ).catch(() => [])
  return {
    mails: mails.filter((mail) => mail.stream === stream).toReversed(),
    memberships: memberships.filter(({ subject }) => subject === located.subjectId),
  }
}

const asText = (
  request: Answer<'getRequest'>,
  assignment: Answer<'getAssignment'> | null,
  { mails, memberships }: LocalTraces,
): string => {
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${oneLine(line)}`)]
  const { subject, accessPackage, requestorId } = request
  return [
    `Request ${request.id}: ${request.status}${request.subStatus === null ? '' : ` (${request.subStatus})`}`,
    `Access package: ${named(accessPackage)}`,
    `For: ${named(subject)}`,
    ...(assignment === null
      ? []
      : [
          `Assignment ${assignment.id}: ${assignment.status}, from ${localTime(assignment.startAt)} ${lasting(assignment.endAt)}`,
        ]),
    said(`Asked for by ${requestorId}, ${localTime(request.submittedAt)}`, request.justification),
    ...(request.status === 'PendingApproval' && request.decideBy !== null
      ? [`To be decided by ${localTime(request.decideBy)}`]
      : []),
    ...(request.decidedBy === null
      ? []
      : [
          said(
            `Decided by ${request.decidedBy}, ${localTime(request.decidedAt ?? '')}`,
            request.decisionJustification,
          ),
        ]),
    ...section(
      'Roles:',
      assignment === null
        ? request.roles.map(roleName)
        : assignment.roles.map((role) => `${roleName(role)}: ${role.actual}`),
    ),
    ...section(
      `Fulfilment errors: ${request.fulfilmentErrors.length}`,
      request.fulfilmentErrors
        .toSorted(byRole)
        .map(
          ({ message, code, attempts, firstFailedAt, lastFailedAt, ...role }) =>
            `${roleName(role)}: ${message} (${code}), ${attempts === 1 ? `tried at ${localTime(firstFailedAt)}` : `${attempts} tries from ${localTime(firstFailedAt)} to ${localTime(lastFailedAt)}`}`,
        ),
    ),
    ...section(
      'In the memberships file:',
      memberships.map(
        ({ resource, role, since }) => `${resource}, ${role}, since ${localTime(since)}`,
      ),
    ),
    ...section(
      'Mails:',
      mails.map(
        ({ at, kind, recipientId, status, reply }) =>
          `${localTime(at)}  ${kind} to ${recipientId}: ${status} ${reply ?? ''}`,
      ),
    ),
    ...section('History:', historyLines(request.history)),
  ].join('\n')
}

const said = (who: string, words: string | null): string =>
  words === null ? who : quoted(who, words)

const named = ({ id, displayName }: { readonly id: string; readonly displayName: string | null }) =>
  oneLine(displayName === null ? id : `${displayName} (${id})`)

const byRole = (
  one: { readonly resourceId: string; readonly roleId: string },
  other: { readonly resourceId: string; readonly roleId: string },
): number => `${one.resourceId} ${one.roleId}`.localeCompare(`${other.resourceId} ${other.roleId}`)

/** Lines of the ledger that are looked through. */
const LEDGER = 500
const WAIT_MILLIS = 30_000
const POLL_MILLIS = 200
