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
  const roles = Array.isArray(assignment?.roles) ? assignment.roles : []
  const history = Array.isArray(body.history) ? body.history : []
  const lines = [
    `Request ${requestId}: ${String(body.status)}${body.subStatus ? ` (${String(body.subStatus)})` : ''}`,
    ...(assignment === undefined
      ? []
      : [
          `Assignment ${String(assignment.id)}: ${String(assignment.status)}, from ${String(assignment.startAt)} until ${String(assignment.endAt ?? 'removed')}`,
        ]),
    ...roles.map(
      (role) => `  ${String(role.resourceId)} / ${String(role.roleId)}: ${String(role.actual)}`,
    ),
    'History:',
    ...history.map(
      (entry) => `  ${String(entry.at)}  ${String(entry.type)}  by ${String(entry.actor?.id)}`,
    ),
  ]
  await output.print(lines.join('\n'), { request: body, assignment: assignment ?? null })
}

const WAIT_MILLIS = 30_000
const POLL_MILLIS = 200

type Item = { readonly [key: string]: unknown }

const itemsOf = (body: Answer['body']): readonly Item[] =>
  Array.isArray(body.items) ? body.items : []
