import { join } from 'node:path'
import { entitlementStream, parseRequestId } from '@portcullis/domain'
import { createOutbox, type MailRecord } from '@portcullis/notifications'
import { type Membership, readMemberships } from '@portcullis/provisioning'
import { dataPaths } from '@portcullis/runtime'
import { configFrom, withRuntime } from '../context.ts'
import type { Output } from '../output.ts'
import { CommandFailed, EXIT, table } from '../output.ts'
import { type Answer, type ClientFlags, call } from './client.ts'

/** Asks for an access package. */
export const requestPackage = async (
  packageId: string,
  flags: ClientFlags & { readonly why?: string; readonly policy?: string },
  output: Output,
): Promise<void> => {
  const { body } = await call(
    flags,
    'POST',
    `/v1/access-packages/${encodeURIComponent(packageId)}/requests`,
    {
      ...(flags.why === undefined ? {} : { justification: flags.why }),
      ...(flags.policy === undefined ? {} : { policyId: flags.policy }),
    },
  )
  await output.print(`Request ${String(body.requestId)} is ${String(body.status)}.`, body)
}

/** Approves or denies a request. */
export const decide = async (
  decision: 'approve' | 'deny',
  requestId: string,
  flags: ClientFlags & { readonly why?: string },
  output: Output,
): Promise<void> => {
  const { body } = await call(
    flags,
    'POST',
    `/v1/requests/${encodeURIComponent(requestId)}/${decision}`,
    {
      ...(flags.why === undefined ? {} : { justification: flags.why }),
    },
  )
  await output.print(`Request ${requestId} is ${String(body.status)}.`, body)
}

/** Lists what waits for somebody's decision. */
export const inbox = async (flags: ClientFlags, output: Output): Promise<void> => {
  const { body } = await call(flags, 'GET', '/v1/requests?waitingForMe=true&limit=200')
  const items = itemsOf(body)
  await output.print(
    items.length === 0
      ? `Nothing waits for ${flags.as}.`
      : table(
          ['request', 'kind', 'for', 'decide by'],
          items.map((item) => [item.id, item.kind, item.subjectId, item.decideBy].map(String)),
        ),
    body,
  )
}

/** One request with everything about it: where it stands, each role's delivery, its history. */
export const showRequest = async (
  requestId: string,
  flags: ClientFlags & { readonly wait: boolean },
  output: Output,
): Promise<void> => {
  const read = (): Promise<Answer> =>
    call(flags, 'GET', `/v1/requests/${encodeURIComponent(requestId)}`)
  let { body } = await read()
  for (const until = Date.now() + WAIT_MILLIS; flags.wait && body.status === 'Delivering'; ) {
    if (Date.now() > until)
      throw new CommandFailed(`request ${requestId} is still being delivered`, EXIT.failed, body)
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLIS))
    body = (await read()).body
  }
  const assignment =
    typeof body.assignmentId === 'string'
      ? (await call(flags, 'GET', `/v1/assignments/${encodeURIComponent(body.assignmentId)}`)).body
      : undefined
  const kept = await localTraces(requestId, flags, output)
  await output.print(asText(requestId, body, assignment, kept), {
    request: body,
    assignment: assignment ?? null,
    ...kept,
  })
}

interface LocalTraces {
  /** Mails that were sent because of the request, oldest first. */
  readonly mails: readonly MailRecord[]
  /** What the memberships file of the data folder says of the subject; empty where no `file` connector writes it. */
  readonly memberships: readonly Membership[]
}

/** What this machine knows beside the API: the ledger of mails and the file connector's memberships. Nothing when the engine runs elsewhere. */
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
  requestId: string,
  request: Answer['body'],
  assignment: Answer['body'] | undefined,
  { mails, memberships }: LocalTraces,
): string => {
  const roles = Array.isArray(assignment?.roles) ? assignment.roles : []
  const history = Array.isArray(request.history) ? request.history : []
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)]
  return [
    `Request ${requestId}: ${String(request.status)}${request.subStatus ? ` (${String(request.subStatus)})` : ''}`,
    ...(assignment === undefined
      ? []
      : [
          `Assignment ${String(assignment.id)}: ${String(assignment.status)}, from ${String(assignment.startAt)} until ${String(assignment.endAt ?? 'removed')}`,
        ]),
    ...section(
      'Roles:',
      roles.map((role) => `${role.resourceId} / ${role.roleId}: ${role.actual}`),
    ),
    ...section(
      'In the memberships file:',
      memberships.map(({ resource, role, since }) => `${resource}, ${role}, since ${since}`),
    ),
    ...section(
      'Mails:',
      mails.map(
        ({ at, kind, recipientId, status, reply }) =>
          `${at}  ${kind} to ${recipientId}: ${status} ${reply ?? ''}`,
      ),
    ),
    ...section(
      'History:',
      history.map((entry) => `${entry.at}  ${entry.type}  by ${entry.actor?.id}`),
    ),
  ].join('\n')
}

/** Lines of the ledger that are looked through. */
const LEDGER = 500
const WAIT_MILLIS = 30_000
const POLL_MILLIS = 200

type Item = { readonly [key: string]: unknown }

const itemsOf = (body: Answer['body']): readonly Item[] =>
  Array.isArray(body.items) ? body.items : []
