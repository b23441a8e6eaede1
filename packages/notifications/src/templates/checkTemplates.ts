import type { MailWords } from './block.ts'
import { languageChain } from './languages.ts'
import { mistakeOf, TemplateError, type TemplateMistake } from './mistakes.ts'
import type { ParsedTemplate, Templates } from './parsedTemplate.ts'
import { samplesOf } from './samples.ts'
import { nameOf, type TemplateKind, templateKinds } from './templateFiles.ts'

/** Gmail shows no more of a mail than this. */
const MAX_HTML = 102_000

/**
 * Tries every template with sample data of each kind that it is for, and looks up each value that it names, also where
 * the samples don't lead.
 * @returns what has to be corrected; nothing when all is well
 */
export const checkTemplates = (templates: Templates): readonly TemplateMistake[] => {
  const mistakes = [
    ...templates.all.flatMap((template) => unknownValues(template)),
    ...withoutGreeting(templates),
  ]
  // What names a value that there isn't would only fail once more.
  if (mistakes.length > 0) return mistakes
  for (const kind of templateKinds)
    for (const language of languagesUsed(templates, kind)) {
      const found = trySamples(templates, kind, language)
      if (found !== undefined && !mistakes.some((one) => isSame(one, found))) mistakes.push(found)
    }
  return mistakes
}

/** Languages with words for this kind, and those with a layout for it. */
const languagesUsed = (templates: Templates, kind: TemplateKind): ReadonlySet<string> =>
  new Set([
    ...templates.languagesOf(kind),
    ...templates.all.flatMap(({ path }) => nameOf(path)?.locale ?? []),
  ])

const isSame = (one: TemplateMistake, other: TemplateMistake): boolean =>
  one.file === other.file && one.line === other.line && one.message === other.message

const trySamples = (
  templates: Templates,
  kind: TemplateKind,
  language: string,
): TemplateMistake | undefined => {
  const { words, html } = templates.filesOf(kind, [language])
  for (const facts of samplesOf(kind, language)) {
    try {
      const mail = templates.render(kind, facts, [language])
      if (mail.subject === '')
        return { file: words.path, message: 'says no {% subject %}…{% endsubject %}' }
      const bytes = Buffer.byteLength(mail.html)
      if (bytes > MAX_HTML)
        return { file: html.path, message: `makes ${bytes} bytes; Gmail cuts mails at ${MAX_HTML}` }
    } catch (error) {
      if (error instanceof TemplateError) return error.mistakes[0]
      return mistakeOf(error, words.path)
    }
  }
  return undefined
}

const withoutGreeting = (templates: Templates): readonly TemplateMistake[] => {
  const own = templates.all.flatMap(({ path }) => {
    const name = nameOf(path)
    return name?.format === 'words' && name.locale !== null ? [name.locale] : []
  })
  return [...new Set(own)].flatMap((locale) => {
    const chain = languageChain(locale)
    const there = templates.all.some(({ path }) => {
      const name = nameOf(path)
      return name?.kind === 'common' && chain.includes(languageChain(name.locale ?? '')[0] ?? '')
    })
    return there
      ? []
      : [
          {
            file: `${locale}/common.liquid`,
            message:
              'is missing: the {% greeting %} and {% sender %} of every mail in this language; copy en/common.liquid',
          },
        ]
  })
}

/** Names of a list or a text that Liquid answers on its own. */
const OF_LISTS = ['size', 'first', 'last']

const unknownValues = ({ path, engine, parsed }: ParsedTemplate): readonly TemplateMistake[] => {
  const name = nameOf(path)
  const kinds = templateKinds.filter((kind) => name?.kind === kind)
  // A greeting is for every kind, and so is a layout: they have what all have.
  const facts = (kinds.length > 0 ? kinds : templateKinds).map((kind) =>
    known(samplesOf(kind, 'en'), name?.format !== 'words'),
  )
  const globals = Object.values(engine.analyzeSync(parsed, { partials: false }).globals).flat()
  return globals.flatMap(({ segments, location: { row, col } }) => {
    const end = segments.findIndex((segment) => typeof segment !== 'string')
    const names = (end < 0 ? segments : segments.slice(0, end)).map(String)
    const asked = names.join('.')
    const short = OF_LISTS.includes(names.at(-1) ?? '') ? names.slice(0, -1).join('.') : asked
    if (facts.every((paths) => paths.has(asked) || paths.has(short))) return []
    const common = [...(facts[0] ?? [])].filter((one) => facts.every((paths) => paths.has(one)))
    const near = common.filter((one) => one.startsWith(`${names[0]}.`))
    return [
      {
        file: path,
        line: row,
        column: col,
        message: `there is no value ${asked} here; there is ${(near.length > 0 ? near : common.filter((one) => !one.includes('.'))).join(', ')}`,
      },
    ]
  })
}

const WORDS: readonly (keyof MailWords)[] = [
  'subject',
  'greeting',
  'blocks',
  'reason',
  'sender',
  'language',
  'direction',
]

/** Every path of the samples, as `request.decideBy.long`. */
const known = (samples: readonly object[], layout: boolean): ReadonlySet<string> => {
  const paths = new Set<string>()
  const walk = (value: unknown, at: string): void => {
    if (at !== '') paths.add(at)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return
    for (const [name, inner] of Object.entries(value))
      walk(inner, at === '' ? name : `${at}.${name}`)
  }
  for (const sample of samples) walk(sample, '')
  if (layout) for (const name of ['', ...WORDS]) paths.add(`mail${name === '' ? '' : `.${name}`}`)
  return paths
}
