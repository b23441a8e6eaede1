import { hash } from 'node:crypto'
import { LANGUAGES, type Language, type SignInFault, TEXTS } from './texts.ts'

const STYLE = `:root{color-scheme:light dark}
body{font:1.0625rem/1.5 system-ui,sans-serif;max-inline-size:34rem;margin:12vh auto;padding-inline:1.25rem}
h1{font-size:1.5rem;line-height:1.25}
a{display:inline-block;padding-block:.5rem;margin-inline-end:1.5rem}
dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;font-size:.9375rem}
dd{margin:0;overflow-wrap:anywhere;font-family:ui-monospace,monospace}`

/** Nothing but this style, and links. */
export const FAULT_PAGE_POLICY = `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

export interface FaultPage {
  readonly fault: SignInFault
  readonly requestId: string
  /** Where the person wanted to go, for another try: a path of this portal. */
  readonly returnTo: string
}

/** A page without script that says in one sentence why somebody isn't signed in, and leads out. */
export const faultPage = (
  { fault, requestId, returnTo }: FaultPage,
  language: Language,
): string => {
  const texts = TEXTS[language]
  const address = (more: Readonly<Record<string, string>>): string =>
    escaped(`/auth/sign-in?${new URLSearchParams({ returnTo, ...more })}`)
  const link = (href: string, text: string): string => `<a href="${href}">${escaped(text)}</a>`
  return `<!doctype html>
<html lang="${language}" dir="${texts.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(texts.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(texts.title)}</h1>
<p>${escaped(texts.faults[fault])}</p>
<p>${link(address({}), texts.again)}${OTHER_ACCOUNT.has(fault) ? link(address({ prompt: 'select_account' }), texts.asAnother) : ''}</p>
<p>${escaped(texts.tellThem)}</p>
<dl>
<dt>${escaped(texts.code)}</dt><dd dir="ltr">sign-in.${fault}</dd>
<dt>${escaped(texts.requestId)}</dt><dd dir="ltr">${escaped(requestId)}</dd>
</dl>
</main>
</body>
</html>
`
}

/** Where the issuer would only let the same account in again. */
const OTHER_ACCOUNT: ReadonlySet<SignInFault> = new Set([
  'nobody',
  'several',
  'conflict',
  'disabled',
  'provider-refused',
])

/**
 * The language that a browser wants most of those that there are (RFC 9110 section 12.5.4); English when it wants none.
 */
export const languageOf = (header: string | undefined): Language => {
  const wanted = (header ?? '')
    .slice(0, 500)
    .split(',')
    .flatMap((part) => {
      const [tag = '', ...parameters] = part.split(';').map((each) => each.trim())
      const quality = /^q=(\d(?:\.\d{1,3})?)$/.exec(parameters[0] ?? 'q=1')?.[1]
      const language = LANGUAGES.find((each) => each === tag.toLowerCase().split('-')[0])
      return language === undefined || quality === undefined || Number(quality) === 0
        ? []
        : [{ language, quality: Number(quality) }]
    })
  return wanted.toSorted((a, b) => b.quality - a.quality)[0]?.language ?? 'en'
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
