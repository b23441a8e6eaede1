import type { MailContent } from './mailContent.ts'

export interface Layout {
  readonly greeting: string
  /** Of the organisation; under every mail. */
  readonly sender: string
}

/** The plain text part. What people wrote is marked line by line, so that it can't pass for ours. */
export const textOf = (content: MailContent, { greeting, sender }: Layout): string => {
  const width = Math.max(0, ...content.details.map(([label]) => label.length)) + 2
  const blocks = [
    greeting,
    ...content.paragraphs,
    content.details.map(([label, value]) => `${`${label}:`.padEnd(width)}${value}`).join('\n'),
    ...content.quotes.map(
      ({ label, text }) =>
        `${label}:\n${text
          .split('\n')
          .map((line) => `> ${line}`)
          .join('\n')}`,
    ),
    ...content.actions.map(({ label, command }) => `${label}:\n\n${indent(command)}`),
    `-- \n${content.reason}\n${sender}`,
  ]
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`
}

const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')

/** Colours come from the client but for accents that can be read on light and on dark. */
const QUOTE = 'margin:0 0 16px;padding:4px 0 4px 12px;border-left:3px solid #8a8f98'
const CODE =
  'margin:0 0 16px;padding:12px;border:1px solid #8a8f98;border-radius:4px;font:13px/1.5 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap;word-break:break-word'
const PARAGRAPH = 'margin:0 0 16px'
const SMALL = 'margin:24px 0 0;padding-top:12px;border-top:1px solid #8a8f98;font-size:12px'

/** The HTML part: inline styles and tables only, no picture, no link to elsewhere, dark mode left to the client. */
export const htmlOf = (content: MailContent, { greeting, sender }: Layout): string => {
  const paragraph = (text: string) => `<p style="${PARAGRAPH}" dir="auto">${htmlText(text)}</p>`
  const details = content.details.map(
    ([label, value]) =>
      `<tr><td style="padding:2px 16px 2px 0;vertical-align:top">${htmlText(label)}</td>` +
      `<td style="padding:2px 0;vertical-align:top" dir="auto"><strong>${htmlText(value)}</strong></td></tr>`,
  )
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    `<title>${htmlText(content.subject)}</title></head>`,
    '<body style="margin:0;padding:24px 12px">',
    '<div style="max-width:600px;margin:0 auto;font:15px/1.5 -apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif">',
    paragraph(greeting),
    ...content.paragraphs.map(paragraph),
    details.length === 0
      ? ''
      : `<table role="presentation" cellpadding="0" cellspacing="0" style="margin:0 0 16px;font:inherit">${details.join('')}</table>`,
    ...content.quotes.map(
      ({ label, text }) =>
        `<p style="margin:0 0 4px">${htmlText(label)}:</p>` +
        `<blockquote style="${QUOTE}" dir="auto">${htmlText(text).replaceAll('\n', '<br>')}</blockquote>`,
    ),
    ...content.actions.map(
      ({ label, command }) =>
        `<p style="margin:0 0 4px">${htmlText(label)}:</p><pre style="${CODE}">${htmlText(command)}</pre>`,
    ),
    `<p style="${SMALL}">${htmlText(content.reason)}<br>${htmlText(sender)}</p>`,
    '</div></body></html>',
  ]
    .filter((part) => part !== '')
    .join('\n')
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const htmlText = (text: string): string => text.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign)
