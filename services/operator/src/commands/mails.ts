import { createOutbox } from '@portcullis/notifications'
import { configFrom, withRuntime } from '../context.ts'
import { type Output, table } from '../output.ts'

/** The ledger of mails: who was sent what because of which event, and what the mail server said. */
export const mailLedger = (
  flags: { readonly data?: string; readonly to?: string; readonly last: number },
  output: Output,
): Promise<void> =>
  withRuntime(configFrom(flags), output, async ({ pool }) => {
    const mails = await createOutbox(pool).mails({
      limit: flags.last,
      ...(flags.to === undefined ? {} : { recipientId: flags.to }),
    })
    const rows = mails.map(({ at, kind, recipientId, status, attempts, reply }) => [
      at,
      kind,
      recipientId,
      status,
      String(attempts),
      reply ?? '',
    ])
    await output.print(table(['event at', 'mail', 'to', 'status', 'tries', 'reply'], rows), {
      mails,
    })
  })
