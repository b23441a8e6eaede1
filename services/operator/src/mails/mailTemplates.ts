import { samplesOf, type TemplateKind, templateKinds } from '@portcullis/notifications'
import { EXIT, mailTemplatesOf } from '@portcullis/runtime'
import { configFrom } from '../cli/context.ts'
import { CommandFailed, type Output } from '../cli/output.ts'
import { table } from '../cli/table.ts'

/**
 * Tries every template of mails with sample data, and says which file makes which mail. Mistakes end it as they would
 * end `start`.
 */
export const checkTemplates = async (
  flags: { readonly data?: string },
  output: Output,
): Promise<void> => {
  const config = configFrom(flags)
  const templates = mailTemplatesOf(config)
  const mails = templateKinds.flatMap((kind) =>
    templates.languagesOf(kind).map((language) => {
      const { words, text, html } = templates.filesOf(kind, [language])
      const shown = ({ path, own }: typeof words) => (own ? path : `${path} (built in)`)
      return { kind, language, words: shown(words), text: shown(text), html: shown(html) }
    }),
  )
  const rows = mails.map(({ kind, language, words, text, html }) => [
    kind,
    language,
    words,
    text,
    html,
  ])
  const where = config.mailTemplates ?? 'PORTCULLIS_MAIL_TEMPLATES is not set'
  await output.print(
    `${table(['mail', 'language', 'words', 'text', 'HTML'], rows)}\n\nEvery template fits (${where}).`,
    { folder: config.mailTemplates ?? null, mails },
  )
}

/** Shows a mail made of sample data. */
export const previewMail = async (
  kind: string,
  flags: { readonly data?: string; readonly locale?: string; readonly html: boolean },
  output: Output,
): Promise<void> => {
  const known = templateKinds.find((one) => one === kind)
  if (known === undefined)
    throw new CommandFailed(
      `There is no mail "${kind}". There are ${templateKinds.join(', ')}.`,
      EXIT.usage,
    )
  await show(known, flags, output)
}

const show = async <K extends TemplateKind>(
  kind: K,
  flags: { readonly data?: string; readonly locale?: string; readonly html: boolean },
  output: Output,
): Promise<void> => {
  const config = configFrom(flags)
  const languages = [flags.locale ?? config.locale, config.locale]
  const templates = mailTemplatesOf(config)
  const samples = samplesOf(kind, flags.locale ?? config.locale).map((values) => ({
    values,
    ...templates.render(kind, values, languages),
  }))
  const texts = samples.map(({ subject, text, html }) =>
    flags.html ? html : `Subject: ${subject}\n\n${text}`,
  )
  // Of HTML only the ordinary case: a file for a browser.
  const shown = flags.html ? texts.slice(0, 1) : texts
  await output.print(shown.join(`\n${'='.repeat(70)}\n`), {
    kind,
    language: templates.filesOf(kind, languages).language,
    samples,
  })
}
