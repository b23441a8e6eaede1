import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type MailKind, mailKinds } from '../mailIntent.ts'
import { isLanguage } from './languages.ts'
import type { Format } from './liquid.ts'
import type { TemplateMistake } from './mistakes.ts'

/** What has words of its own: each kind of mail, and the one that tells approvers of several requests at once. */
export const templateKinds = [...mailKinds, 'approval-digest'] as const
export type TemplateKind = MailKind | 'approval-digest'

export interface TemplateFile {
  /** Within the folder, with `/`: `de/denied.liquid`. */
  readonly path: string
  readonly source: string
}

/**
 * What a file is, by its name. `locale` null: for all languages; `kind` common: greeting and sender; layout: for all
 * kinds.
 */
export interface TemplateName {
  readonly locale: string | null
  readonly kind: TemplateKind | 'common' | 'layout'
  readonly format: Format
}

const MAX_BYTES = 256 * 1024

/**
 * Reads every template of a folder and of its folders by language. Names that begin with a dot, and README files, are
 * passed over.
 * @returns the files, and a mistake for each that can't be a template
 */
export const readTemplateFolder = (
  folder: string,
): { readonly files: readonly TemplateFile[]; readonly mistakes: readonly TemplateMistake[] } => {
  const files: TemplateFile[] = []
  const mistakes: TemplateMistake[] = []
  const readOne = (path: string): void => {
    const { size } = statSync(join(folder, path))
    if (nameOf(path) === undefined) mistakes.push({ file: path, message: NAMES })
    else if (size > MAX_BYTES)
      mistakes.push({ file: path, message: `has ${size} bytes; up to ${MAX_BYTES} are read` })
    else files.push({ path, source: readFileSync(join(folder, path), 'utf8') })
  }
  for (const name of names(folder)) {
    if (!statSync(join(folder, name)).isDirectory()) readOne(name)
    else if (!isLanguage(name))
      mistakes.push({
        file: name,
        message: 'is not a language tag (BCP 47), such as "fr" or "pt-BR"',
      })
    else for (const one of names(join(folder, name))) readOne(`${name}/${one}`)
  }
  return { files, mistakes }
}

const names = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => !/^\.|^README/i.test(name))
    .sort()

const NAMES = `is not a template: in a folder by language there may be <kind>.liquid and common.liquid; in one of those or beside them layout.text.liquid, layout.html.liquid, <kind>.text.liquid and <kind>.html.liquid; the kinds are ${templateKinds.join(', ')}`

/** @returns undefined when a template can't be called so */
export const nameOf = (path: string): TemplateName | undefined => {
  const {
    locale,
    stem = '',
    part,
  } = /^(?:(?<locale>[^/]+)\/)?(?<stem>[^/.]+)(?:\.(?<part>text|html))?\.liquid$/.exec(path)
    ?.groups ?? {}
  const kind = [...templateKinds, 'common', 'layout'].find((known) => known === stem)
  if (kind === undefined) return undefined
  const format = part === 'text' || part === 'html' ? part : 'words'
  if (format === 'words' ? locale === undefined || kind === 'layout' : kind === 'common')
    return undefined
  return { locale: locale ?? null, kind: kind as TemplateName['kind'], format }
}
