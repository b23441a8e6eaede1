import {
  createOutbox,
  type MailRecord,
  type MailStatus,
  type Outbox,
} from '@portcullis/notifications'
import { EXIT } from '@portcullis/runtime'
import { configFrom, withRuntime } from '../cli/context.ts'
import { CommandFailed, type Output } from '../cli/output.ts'
import { table } from '../cli/table.ts'

/** The ledger of mails: who was sent what because of which event, and what the mail server said. */
export const mailLedger = (
  flags: {
    readonly data?: string
    readonly to?: string
    readonly status?: MailStatus
    readonly last: number
  },
  output: Output,
): Promise<void> =>
  withRuntime(configFrom(flags), output, async ({ pool }) => {
    const mails = await createOutbox(pool).mails({
      limit: flags.last,
      ...(flags.to === undefined ? {} : { recipientId: flags.to }),
      ...(flags.status === undefined ? {} : { status: flags.status }),
    })
    const rows = mails.map(({ id, at, kind, recipientId, status, attempts, reply, digestId }) => [
      id,
      at,
      kind,
      recipientId,
      status,
      String(attempts),
      digestId ?? '',
      reply ?? '',
    ])
    await output.print(
      table(['id', 'event at', 'mail', 'to', 'status', 'tries', 'went in', 'reply'], rows),
      { mails },
    )
  })

/** So many refused mails are tried again at once. */
const MOST = 10_000

/** Makes mails due again: those named, or every refused one. */
export const retryMails = (
  ids: readonly string[],
  flags: { readonly data?: string; readonly refused: boolean; readonly to?: string },
  output: Output,
): Promise<void> => {
  if (flags.refused === ids.length > 0)
    throw new CommandFailed(
      'Name the ids of mails, or give --refused for every refused one.',
      EXIT.usage,
    )
  return withRuntime(configFrom(flags), output, async ({ pool, clock }) => {
    const outbox = createOutbox(pool)
    const chosen = flags.refused ? await refusedTo(outbox, flags.to) : ids
    const again = await outbox.retryNow(chosen, clock.now())
    const left = chosen.filter((id) => !again.includes(id))
    await output.print(
      [
        `${again.length} mails are tried again: with the next sweep, in two minutes at most.`,
        ...left.map((id) => `${id}: is sent, being sent or withdrawn, or there is no such mail.`),
      ].join('\n'),
      { again, left },
    )
    if (left.length > 0)
      throw new CommandFailed(`${left.length} of ${chosen.length} mails stay as they are.`)
  })
}

const refusedTo = async (outbox: Outbox, to: string | undefined): Promise<readonly string[]> => {
  const refused: readonly MailRecord[] = await outbox.mails({
    status: 'refused',
    limit: MOST,
    ...(to === undefined ? {} : { recipientId: to }),
  })
  return refused.map(({ id }) => id)
}
