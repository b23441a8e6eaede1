import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '@portcullis/core'
import { Context } from 'liquidjs'
import { oneLine } from '../render/words.ts'
import type { MailWords } from './block.ts'
import { type Said, saidIn } from './blockTags.ts'
import { checkTemplates } from './checkTemplates.ts'
import { languageChain } from './languages.ts'
import { engines } from './liquid.ts'
import { mistakeOf, TemplateError, type TemplateMistake } from './mistakes.ts'
import type { ParsedTemplate, Templates } from './parsedTemplate.ts'
import {
  nameOf,
  readTemplateFolder,
  type TemplateFile,
  type TemplateKind,
} from './templateFiles.ts'

const BUILT_IN = join(import.meta.dirname, '../../templates')

/**
 * Reads the built-in templates, and over them those of a folder, and tries each with sample data.
 * @param folder absent: only what is built in
 * @throws TemplateError that names every mistake
 */
export const loadTemplates = (folder?: string): Templates => {
  const builtIn = readTemplateFolder(BUILT_IN)
  const own = folder === undefined ? { files: [], mistakes: [] } : ownFolder(folder)
  const mistakes: TemplateMistake[] = [...builtIn.mistakes, ...own.mistakes]
  const parse = (file: TemplateFile, isOwn: boolean): readonly ParsedTemplate[] => {
    const format = nameOf(file.path)?.format ?? 'words'
    const engine = shared[format]
    try {
      return [
        {
          path: file.path,
          own: isOwn,
          format,
          engine,
          parsed: engine.parse(file.source, file.path),
        },
      ]
    } catch (error) {
      mistakes.push(mistakeOf(error, file.path))
      return []
    }
  }
  const templates = templatesOf([
    ...own.files.flatMap((file) => parse(file, true)),
    ...builtIn.files.flatMap((file) => parse(file, false)),
  ])
  if (mistakes.length === 0) mistakes.push(...checkTemplates(templates))
  if (mistakes.length > 0) throw new TemplateError(mistakes)
  return templates
}

const ownFolder = (folder: string): ReturnType<typeof readTemplateFolder> => {
  try {
    readdirSync(folder)
  } catch (error) {
    const why = codeOf(error) ?? 'unknown error'
    throw new TemplateError([
      { file: folder, message: `is not a folder that can be read (${why})` },
    ])
  }
  return readTemplateFolder(folder)
}

const shared = { words: engines.words(), text: engines.text(), html: engines.html() } as const

let builtIn: Templates | undefined
/** What is built in, read once. */
export const builtInTemplates = (): Templates => {
  builtIn ??= loadTemplates()
  return builtIn
}

const templatesOf = (all: readonly ParsedTemplate[]): Templates => {
  // Own ones come first, so the first of a name counts.
  const byPath = new Map<string, ParsedTemplate>()
  for (const template of all) {
    const path = canonical(template.path)
    if (!byPath.has(path)) byPath.set(path, template)
  }
  const first = (paths: readonly string[]): ParsedTemplate => {
    for (const path of paths) {
      const found = byPath.get(path)
      if (found !== undefined) return found
    }
    throw new Error(`no template is called ${paths.join(' or ')}`)
  }
  const languagesOf = (kind: TemplateKind) =>
    [...byPath.keys()]
      .flatMap((path) =>
        path.endsWith(`/${kind}.liquid`) ? [path.slice(0, path.indexOf('/'))] : [],
      )
      .sort()

  const filesOf: Templates['filesOf'] = (kind, languages) => {
    const wanted = [...languages, 'en'].flatMap(languageChain)
    const words = first(wanted.map((language) => `${language}/${kind}.liquid`))
    const language = canonical(words.path).slice(0, words.path.indexOf('/'))
    const chain = languageChain(language)
    const layout = (format: 'text' | 'html') =>
      first(
        [kind, 'layout'].flatMap((stem) =>
          [...chain.map((one) => `${one}/`), ''].map((at) => `${at}${stem}.${format}.liquid`),
        ),
      )
    return {
      language,
      words,
      common: first([...chain, 'en'].map((one) => `${one}/common.liquid`)),
      text: layout('text'),
      html: layout('html'),
    }
  }

  return {
    all,
    languagesOf,
    filesOf,
    render: (kind, facts, languages) => {
      const files = filesOf(kind, languages)
      const said = [...say(files.common, facts), ...say(files.words, facts)]
      const mail = wordsOf(said, files.language)
      const scope = { ...facts, mail }
      const text = String(files.text.engine.renderSync(files.text.parsed, scope))
      return {
        subject: mail.subject,
        text: `${text.replace(/\n{3,}/g, '\n\n').trim()}\n`,
        html: String(files.html.engine.renderSync(files.html.parsed, scope)),
      }
    },
  }
}

/** What a template of words says of the facts. */
const say = ({ engine, parsed, path }: ParsedTemplate, facts: object): Said => {
  const context = new Context(facts, engine.options, { sync: true }, { liquid: engine })
  const outside = oneLine(String(engine.renderSync(parsed, context)), 60)
  if (outside !== '')
    throw new TemplateError([
      {
        file: path,
        message: `"${outside}" is outside of a tag such as {% paragraph %} and would be lost`,
      },
    ])
  return saidIn(context)
}

const wordsOf = (said: Said, language: string): MailWords => {
  const last = (kind: 'subject' | 'greeting' | 'reason' | 'sender'): string =>
    said.reduce((text, one) => (one.kind === kind ? one.text : text), '')
  return {
    subject: oneLine(last('subject'), 200),
    greeting: last('greeting'),
    reason: last('reason'),
    sender: last('sender'),
    blocks: said.filter(isBlock),
    language,
    direction: /^(?:ar|fa|he|ur)\b/.test(language) ? 'rtl' : 'ltr',
  }
}

const isBlock = (one: Said[number]): one is MailWords['blocks'][number] =>
  one.kind !== 'subject' &&
  one.kind !== 'greeting' &&
  one.kind !== 'reason' &&
  one.kind !== 'sender'

/** `pt-br/denied.liquid` and `pt-BR/denied.liquid` are one. */
const canonical = (path: string): string => {
  const slash = path.indexOf('/')
  return slash < 0
    ? path
    : `${languageChain(path.slice(0, slash))[0] ?? path.slice(0, slash)}${path.slice(slash)}`
}
