import type { Liquid, Template } from 'liquidjs'
import type { CommonFacts, KindFacts } from '../render/facts.ts'
import type { Format } from './liquid.ts'
import type { TemplateKind } from './templateFiles.ts'

export interface RenderedMail {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** A parsed template. */
export interface ParsedTemplate {
  /** As in the folder: `de/denied.liquid`. */
  readonly path: string
  /** Of the organisation, or built in. */
  readonly own: boolean
  readonly format: Format
  readonly engine: Liquid
  readonly parsed: Template[]
}

/** The words and the layouts of every kind of mail, in every language that there is. */
export interface Templates {
  /**
   * @param languages wanted ones (BCP 47), best first; the first that has words for this kind counts, in the end
   *   English
   * @throws LiquidError where a template asks for what isn't there
   */
  render<K extends TemplateKind>(
    kind: K,
    facts: KindFacts[K] & CommonFacts,
    languages: readonly string[],
  ): RenderedMail
  /** Languages that have words for a kind, canonical, sorted. */
  languagesOf(kind: TemplateKind): readonly string[]
  /** Which files make a mail of that kind for those who want that language: words, greeting, text and HTML. */
  filesOf(kind: TemplateKind, languages: readonly string[]): TemplateFiles
  readonly all: readonly ParsedTemplate[]
}

export interface TemplateFiles {
  readonly language: string
  readonly words: ParsedTemplate
  readonly common: ParsedTemplate
  readonly text: ParsedTemplate
  readonly html: ParsedTemplate
}
