import { mailStatuses } from '@portcullis/notifications'
import { type Command, Option } from 'commander'
import { command, count, outputOf, uuid } from '../cli/commandKinds.ts'
import { mailLedger, retryMails } from './mails.ts'
import { checkTemplates, previewMail } from './mailTemplates.ts'

/** The ledger of mails, and their templates. */
export const addMailCommands = (program: Command): void => {
  const mails = command(program, 'mails', 'what became of each mail, newest first')
    .option('--to <person>', "only this person's")
    .addOption(new Option('--status <word>', 'only these').choices(mailStatuses))
    .option('--last <count>', 'how many', count, 20)
    .action((flags) => mailLedger(flags, outputOf(flags)))
  command(mails, 'retry', 'send refused mails again, or waiting ones now')
    .argument('[ids...]', 'of mails', (text: string, before: readonly string[] = []) => [
      ...before,
      uuid(text),
    ])
    .option('--refused', 'every refused one', false)
    .option('--to <person>', "with --refused: only this person's")
    .action((ids: readonly string[] | undefined, flags) =>
      retryMails(ids ?? [], flags, outputOf(flags)),
    )
  command(mails, 'check', 'try every template of mails with sample data').action((flags) =>
    checkTemplates(flags, outputOf(flags)),
  )
  command(mails, 'preview', 'a mail made of sample data')
    .argument('<kind>')
    .option('--locale <tag>', "the recipient's language")
    .option('--html', 'the HTML part', false)
    .action((kind: string, flags) => previewMail(kind, flags, outputOf(flags)))
}
